#include "store/state/private_directory.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace mailmirror::store {

Result<void> make_private_directory(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::error_code failure;
  std::vector<fs::path> missing;
  for (auto at = fs::absolute(directory, failure); !failure && !fs::exists(at, failure) && at != at.root_path();
       at = at.parent_path())
    missing.push_back(at);
  if (!failure) fs::create_directories(directory, failure);
  if (failure) return error_from_errno(failure.value(), fmt::format("can't make the directory {}", directory.string()));
  if (chmod(directory.c_str(), 0700) != 0)
    return error_from_errno(errno, fmt::format("can't make the directory {} private", directory.string()));
  for (const auto& made : missing) {
    const auto synced = sync_directory(made.parent_path());
    MAILMIRROR_TRY(synced);
  }
  return ok();
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return error_from_errno(errno, fmt::format("can't open the directory {}", directory.string()));
  const int failure = fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (failure != 0) return error_from_errno(failure, fmt::format("can't make the directory {} durable", directory.string()));
  return ok();
}

}  // namespace mailmirror::store
