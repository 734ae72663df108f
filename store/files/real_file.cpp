#include "store/files/real_directory.hpp"
#include "store/files/real_stamp.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace mailmirror::store {

Result<std::size_t> RealFile::read_at(std::uint64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got = ::pread(descriptor_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_from_errno(errno, "read " + path_.string());
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> RealFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return error_from_errno(errno, "write " + path_.string());
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return ok();
}

Result<void> RealFile::sync() {
  if (::fsync(descriptor_.get()) != 0) return error_from_errno(errno, "make durable " + path_.string());
  return ok();
}

Result<void> RealFile::set_mtime(std::chrono::sys_seconds time) {
  const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(time.time_since_epoch().count()), 0}};
  if (::futimens(descriptor_.get(), times) != 0) return error_from_errno(errno, "set the date of " + path_.string());
  return ok();
}

Result<FileStamp> RealFile::stamp() const {
  return real_stamp(descriptor_.get(), "", path_);
}

}  // namespace mailmirror::store
