#include "store/files/real_directory.hpp"

#include "store/files/real_stamp.hpp"

#include <boost/assert.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdio>

namespace mailmirror::store {
namespace {

const RealDirectory& real(const Directory& directory) {
  const auto* known = dynamic_cast<const RealDirectory*>(&directory);
  BOOST_ASSERT_MSG(known != nullptr, "both directories belong to one Disk");
  return *known;
}

bool has_no_such_rename(int number) {
  return number == EINVAL || number == ENOSYS || number == ENOTSUP;
}

/// Across file systems, or without hard links: the caller copies.
bool cannot_link(int number) {
  return number == EXDEV || number == EMLINK || number == ENOTSUP || number == EPERM;
}

}  // namespace

Error RealDirectory::error(std::string_view what, std::string_view name) const {
  return error_from_errno(errno, std::string(what) + " " + (path_ / name).string());
}

Result<Descriptor> RealDirectory::open_at(std::string_view name, int flags) const {
  const auto single = check_component(name);
  MAILMIRROR_TRY(single);
  // O_NONBLOCK: a FIFO or device that stands in place of a message must not hold us up.
  Descriptor descriptor(::openat(descriptor_.get(), std::string(name).c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (descriptor.get() < 0) return error((flags & O_CREAT) != 0 ? "create" : "open", name);
  return descriptor;
}

Result<std::unique_ptr<Directory>> RealDirectory::open_directory(std::string_view name) const {
  auto descriptor = open_at(name, O_RDONLY | O_DIRECTORY);
  MAILMIRROR_TRY(descriptor);
  return std::unique_ptr<Directory>(std::make_unique<RealDirectory>(std::move(*descriptor), path_ / name));
}

Result<std::unique_ptr<File>> RealDirectory::open_read(std::string_view name) const {
  auto descriptor = open_at(name, O_RDONLY);
  MAILMIRROR_TRY(descriptor);
  auto file = std::make_unique<RealFile>(std::move(*descriptor), path_ / name);
  const auto stamp = file->stamp();
  MAILMIRROR_TRY(stamp);
  if (stamp->kind != EntryKind::file) return fail(ErrorKind::io, "open " + (path_ / name).string() + ": not a regular file");
  return std::unique_ptr<File>(std::move(file));
}

Result<std::unique_ptr<File>> RealDirectory::create_exclusive(std::string_view name) const {
  auto descriptor = open_at(name, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  MAILMIRROR_TRY(descriptor);
  return std::unique_ptr<File>(std::make_unique<RealFile>(std::move(*descriptor), path_ / name));
}

Result<void> RealDirectory::make_directory(std::string_view name) const {
  const auto single = check_component(name);
  MAILMIRROR_TRY(single);
  if (::mkdirat(descriptor_.get(), std::string(name).c_str(), 0700) != 0) return error("make the directory", name);
  return ok();
}

Result<void> RealDirectory::list(const std::function<void(std::string_view name, EntryKind kind)>& visit) const {
  // A descriptor of its own: two listings at a time must not share a position.
  Descriptor own(::openat(descriptor_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (own.get() < 0) return error_from_errno(errno, "read the directory " + path_.string());
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), ::closedir);
  if (!stream) return error_from_errno(errno, "read the directory " + path_.string());
  own.release();
  while (true) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (entry == nullptr && errno != 0) return error_from_errno(errno, "read the directory " + path_.string());
    if (entry == nullptr) return ok();
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    switch (entry->d_type) {
      case DT_REG: visit(name, EntryKind::file); break;
      case DT_DIR: visit(name, EntryKind::directory); break;
      case DT_LNK: visit(name, EntryKind::symlink); break;
      case DT_UNKNOWN: {
        const auto found = real_stamp(descriptor_.get(), entry->d_name, path_);
        if (!found && found.error().kind == ErrorKind::missing) break;
        MAILMIRROR_TRY(found);
        visit(name, found->kind);
        break;
      }
      default: visit(name, EntryKind::other);
    }
  }
}

Result<FileStamp> RealDirectory::stamp(std::string_view name) const {
  const auto single = check_component(name);
  MAILMIRROR_TRY(single);
  return real_stamp(descriptor_.get(), std::string(name).c_str(), path_);
}

Result<FileStamp> RealDirectory::stamp() const {
  return real_stamp(descriptor_.get(), "", path_);
}

Result<void> RealDirectory::rename_noreplace(std::string_view from, const Directory& to, std::string_view to_name) const {
  for (const auto name : {from, to_name})
    if (const auto single = check_component(name); !single) return single.error();
  const auto& target = real(to);
  const std::string source(from);
  const std::string goal(to_name);
  if (::renameat2(descriptor_.get(), source.c_str(), target.descriptor_.get(), goal.c_str(), RENAME_NOREPLACE) == 0) return ok();
  if (has_no_such_rename(errno)) return rename_by_link(from, target, to_name);
  if (errno == EEXIST) return settle_taken_name(from, target, to_name);
  if (errno == EXDEV) return fail(ErrorKind::unsupported, error("rename", from).message);
  return error("rename", from);
}

Result<void> RealDirectory::rename_by_link(std::string_view from, const RealDirectory& to, std::string_view to_name) const {
  const auto linked = link(from, to, to_name);
  if (linked) return unlink(from);
  return linked.error().kind == ErrorKind::exists ? settle_taken_name(from, to, to_name) : linked;
}

Result<void> RealDirectory::settle_taken_name(std::string_view from, const RealDirectory& to, std::string_view to_name) const {
  const auto source = stamp(from);
  MAILMIRROR_TRY(source);
  const auto target = to.stamp(to_name);
  MAILMIRROR_TRY(target);
  if (!source->same_file(*target))
    return fail(ErrorKind::exists, (to.path_ / to_name).string() + " is there already, as another file");
  if (from == to_name) {
    const auto here = stamp();
    MAILMIRROR_TRY(here);
    const auto there = to.stamp();
    MAILMIRROR_TRY(there);
    if (here->same_file(*there)) return ok();
  }
  return unlink(from);
}

Result<void> RealDirectory::rename_replace(std::string_view from, const Directory& to, std::string_view to_name) const {
  for (const auto name : {from, to_name})
    if (const auto single = check_component(name); !single) return single.error();
  if (::renameat(descriptor_.get(), std::string(from).c_str(), real(to).descriptor_.get(), std::string(to_name).c_str()) != 0)
    return error("rename", from);
  return ok();
}

Result<void> RealDirectory::link(std::string_view from, const Directory& to, std::string_view to_name) const {
  for (const auto name : {from, to_name})
    if (const auto single = check_component(name); !single) return single.error();
  if (::linkat(descriptor_.get(), std::string(from).c_str(), real(to).descriptor_.get(), std::string(to_name).c_str(), 0) == 0)
    return ok();
  if (cannot_link(errno)) return fail(ErrorKind::unsupported, error("link", from).message);
  return error("link", from);
}

Result<void> RealDirectory::unlink(std::string_view name) const {
  return unlink_at(name, Unlink::file);
}

Result<void> RealDirectory::remove_directory(std::string_view name) const {
  return unlink_at(name, Unlink::directory);
}

Result<void> RealDirectory::unlink_at(std::string_view name, Unlink what) const {
  const auto single = check_component(name);
  MAILMIRROR_TRY(single);
  if (::unlinkat(descriptor_.get(), std::string(name).c_str(), what == Unlink::directory ? AT_REMOVEDIR : 0) != 0)
    return error("remove", name);
  return ok();
}

Result<void> RealDirectory::sync() const {
  if (::fsync(descriptor_.get()) != 0) return error_from_errno(errno, "make durable " + path_.string());
  return ok();
}

Result<std::uint64_t> RealDirectory::free_space() const {
  struct statvfs found {};
  if (::fstatvfs(descriptor_.get(), &found) != 0) return error_from_errno(errno, "look at " + path_.string());
  return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
}

}  // namespace mailmirror::store
