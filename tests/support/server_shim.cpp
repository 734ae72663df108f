// Preloaded into servers that know no log but syslog and write every message to the disk's platter: their log goes to the file
// $MAILMIRROR_SYSLOG, and fsync does nothing. It isn't part of the test programs.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int kDebug = 7;
constexpr int kPriorityBits = 7;

void put(int priority, const char* format, va_list arguments) {
  const char* const path = std::getenv("MAILMIRROR_SYSLOG");
  if (path == nullptr || (priority & kPriorityBits) >= kDebug) return;
  char line[4096];
  int size = std::snprintf(line, sizeof line, "[%d] ", static_cast<int>(::getpid()));
  size += std::vsnprintf(line + size, sizeof line - static_cast<std::size_t>(size) - 1, format, arguments);
  size = std::min(size, static_cast<int>(sizeof line) - 2);
  line[size++] = '\n';
  const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return;
  // A log that can't be written has nobody to tell.
  [[maybe_unused]] const auto written = ::write(file, line, static_cast<std::size_t>(size));
  ::close(file);
}

}  // namespace

extern "C" {

void openlog(const char*, int, int) {}
void closelog() {}
void vsyslog(int priority, const char* format, va_list arguments) {
  put(priority, format, arguments);
}
void __vsyslog_chk(int priority, int, const char* format, va_list arguments) {
  put(priority, format, arguments);
}
void syslog(int priority, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put(priority, format, arguments);
  va_end(arguments);
}
void __syslog_chk(int priority, int, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put(priority, format, arguments);
  va_end(arguments);
}
int fsync(int) {
  return 0;
}
int fdatasync(int) {
  return 0;
}
}
