// Preloaded into mailmirrord, the very program that is shipped: it dies as by kill -9 at a step of its work, and its time flies. It
// isn't part of the test programs.
//
// A step is a call that changes what outlives the process, or an answer that comes in: each fsync, rename, link, unlink, directory
// made, commit and command sent counts before it is carried out, a tagged answer once it was read and before it was looked at. So
// dying at step n+1 is also dying after step n.
//
//   MAILMIRROR_DIES_AT=n     _exit at the nth step, whatever thread does it
//   MAILMIRROR_STEPS=FILE    a line is added for each step
//   MAILMIRROR_HASTE=n       the monotonic clock and its timers run n times as fast
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

long number(const char* variable, long otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atol(text);
}

void note(long step, const char* what) {
  static const char* const path = std::getenv("MAILMIRROR_STEPS");
  if (path == nullptr) return;
  static const int file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  char line[64];
  const int size = std::snprintf(line, sizeof line, "%ld %s\n", step, what);
  if (::write(file, line, static_cast<std::size_t>(size)) != size) ::_exit(125);
}

void step(const char* what) {
  static const long last = number("MAILMIRROR_DIES_AT", 0);
  static std::atomic<long> steps{0};
  const long now = ++steps;
  note(now, what);
  // Another thread may come further in the same moment, as it may under kill -9.
  if (now == last) ::_exit(137);
}

/// The function that this one stands before.
template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

/// Our tags are an m and a number. What lies across two reads isn't told; that's no more than a step less.
bool holds_tagged_answer(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bytes.size() > 2 && bytes[0] == 'm' && std::isdigit(static_cast<unsigned char>(bytes[1])) != 0) return true;
    const auto end = bytes.find('\n');
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  }
  return false;
}

long haste() {
  static const long times = number("MAILMIRROR_HASTE", 1);
  return times;
}

timespec slowed(const timespec& time) {
  const std::int64_t all = (time.tv_sec * kSecond + time.tv_nsec) / haste();
  return {all / kSecond, all % kSecond};
}

}  // namespace

extern "C" {

struct MDB_txn;

#define STANDS_BEFORE(name) static const auto real = next<decltype(&name)>(#name)

int fsync(int file) {
  STANDS_BEFORE(fsync);
  step("fsync");
  return real(file);
}

int renameat(int from, const char* name, int to, const char* new_name) noexcept {
  STANDS_BEFORE(renameat);
  step("renameat");
  return real(from, name, to, new_name);
}

int renameat2(int from, const char* name, int to, const char* new_name, unsigned flags) noexcept {
  STANDS_BEFORE(renameat2);
  step("renameat2");
  return real(from, name, to, new_name, flags);
}

int linkat(int from, const char* name, int to, const char* new_name, int flags) noexcept {
  STANDS_BEFORE(linkat);
  step("linkat");
  return real(from, name, to, new_name, flags);
}

int unlinkat(int directory, const char* name, int flags) noexcept {
  STANDS_BEFORE(unlinkat);
  step("unlinkat");
  return real(directory, name, flags);
}

int mkdirat(int directory, const char* name, mode_t mode) noexcept {
  STANDS_BEFORE(mkdirat);
  step("mkdirat");
  return real(directory, name, mode);
}

int mkdir(const char* name, mode_t mode) noexcept {
  STANDS_BEFORE(mkdir);
  step("mkdir");
  return real(name, mode);
}

int mdb_txn_commit(MDB_txn* transaction);
int mdb_txn_commit(MDB_txn* transaction) {
  STANDS_BEFORE(mdb_txn_commit);
  step("commit");
  return real(transaction);
}

ssize_t send(int socket, const void* bytes, std::size_t size, int flags) {
  STANDS_BEFORE(send);
  step("send");
  return real(socket, bytes, size, flags);
}

ssize_t recv(int socket, void* bytes, std::size_t size, int flags) {
  STANDS_BEFORE(recv);
  const auto got = real(socket, bytes, size, flags);
  if (got > 0 && holds_tagged_answer({static_cast<const char*>(bytes), static_cast<std::size_t>(got)})) step("answer");
  return got;
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  STANDS_BEFORE(clock_gettime);
  const int result = real(clock, time);
  if (haste() == 1 || clock != CLOCK_MONOTONIC || result != 0) return result;
  // Since the machine's start; hours of it times the haste stay far below what 64 bits hold.
  static const std::int64_t start = time->tv_sec * kSecond + time->tv_nsec;
  const std::int64_t now = start + (time->tv_sec * kSecond + time->tv_nsec - start) * haste();
  *time = {now / kSecond, now % kSecond};
  return result;
}

int timerfd_settime(int timer, int flags, const itimerspec* when, itimerspec* before) noexcept {
  STANDS_BEFORE(timerfd_settime);
  // An absolute moment isn't slowed: Asio gives it only to ring at once.
  if (haste() == 1 || (flags & TFD_TIMER_ABSTIME) != 0) return real(timer, flags, when, before);
  itimerspec sooner{slowed(when->it_interval), slowed(when->it_value)};
  // Zero would mean never.
  const bool wanted = when->it_value.tv_sec != 0 || when->it_value.tv_nsec != 0;
  if (wanted && sooner.it_value.tv_sec == 0 && sooner.it_value.tv_nsec == 0) sooner.it_value.tv_nsec = 1;
  return real(timer, flags, &sooner, before);
}
}
