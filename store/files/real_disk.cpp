#include "store/files/real_disk.hpp"

#include "store/files/real_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

namespace mailmirror::store {
namespace {

Error os_error(std::string_view what, const std::filesystem::path& path) {
  return error_from_errno(errno, std::string(what) + " " + path.string());
}

Result<void> sync_directory(const std::filesystem::path& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return os_error("make durable", path);
  return ok();
}

}  // namespace

Result<void> check_component(std::string_view name) {
  const bool single = !name.empty() && name != "." && name != ".." && name.find('/') == name.npos && name.find('\0') == name.npos;
  if (single) return ok();
  return fail(ErrorKind::io, "\"" + std::string(name) + "\" is no name for a file");
}

Result<std::unique_ptr<Directory>> RealDisk::open_root(const std::filesystem::path& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0) return os_error("open", path);
  return std::unique_ptr<Directory>(std::make_unique<RealDirectory>(std::move(descriptor), path));
}

Result<void> RealDisk::make_root(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> missing;
  for (auto at = std::filesystem::absolute(path).lexically_normal(); !at.empty(); at = at.parent_path()) {
    // "a/b/" ends in an empty component.
    if (!at.has_filename() && at.has_relative_path()) continue;
    struct ::stat found {};
    if (::stat(at.c_str(), &found) == 0) {
      if (!S_ISDIR(found.st_mode)) return fail(ErrorKind::io, at.string() + " is not a directory");
      break;
    }
    if (errno != ENOENT) return os_error("look at", at);
    missing.push_back(at);
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    if (::mkdir(at->c_str(), 0700) != 0 && errno != EEXIST) return os_error("make the directory", *at);
    const auto durable = sync_directory(at->parent_path());
    MAILMIRROR_TRY(durable);
  }
  return ok();
}

}  // namespace mailmirror::store
