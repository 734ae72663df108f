#include "store/files/real_stamp.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace mailmirror::store {
namespace {

std::int64_t nanoseconds(const statx_timestamp& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::int64_t>(time.tv_nsec);
}

EntryKind kind_of(std::uint32_t mode) {
  if (S_ISREG(mode)) return EntryKind::file;
  if (S_ISDIR(mode)) return EntryKind::directory;
  return S_ISLNK(mode) ? EntryKind::symlink : EntryKind::other;
}

}  // namespace

Result<FileStamp> real_stamp(int descriptor, const char* name, const std::filesystem::path& path) {
  struct statx found {};
  if (::statx(descriptor, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &found) != 0)
    return error_from_errno(errno, "look at " + (*name == '\0' ? path : path / name).string());
  FileStamp stamp;
  stamp.device = makedev(found.stx_dev_major, found.stx_dev_minor);
  stamp.inode = found.stx_ino;
  stamp.size = found.stx_size;
  stamp.mtime_ns = nanoseconds(found.stx_mtime);
  stamp.ctime_ns = nanoseconds(found.stx_ctime);
  stamp.birth_ns = (found.stx_mask & STATX_BTIME) != 0 ? nanoseconds(found.stx_btime) : 0;
  stamp.kind = kind_of(found.stx_mode);
  stamp.links = found.stx_nlink;
  return stamp;
}

}  // namespace mailmirror::store
