#include "store/files/remove_tree.hpp"

#include <vector>

namespace mailmirror::store {
namespace {

/// A directory that is being emptied.
struct Level {
  std::string name;
  std::unique_ptr<Directory> directory;
  std::vector<std::string> directories;
  std::vector<std::string> files;
};

Result<Level> enter(const Directory& parent, std::string name) {
  auto directory = parent.open_directory(name);
  MAILMIRROR_TRY(directory);
  Level level{std::move(name), std::move(*directory), {}, {}};
  const auto listed = level.directory->list([&](std::string_view entry, EntryKind kind) {
    (kind == EntryKind::directory ? level.directories : level.files).emplace_back(entry);
  });
  MAILMIRROR_TRY(listed);
  return level;
}

}  // namespace

Result<std::uint64_t> remove_tree(const Directory& parent, std::string_view name) {
  std::uint64_t removed = 0;
  auto top = enter(parent, std::string(name));
  MAILMIRROR_TRY(top);
  std::vector<Level> path;
  path.push_back(std::move(*top));
  while (!path.empty()) {
    auto& level = path.back();
    if (!level.directories.empty()) {
      auto next = std::move(level.directories.back());
      level.directories.pop_back();
      auto below = enter(*level.directory, std::move(next));
      MAILMIRROR_TRY(below);
      path.push_back(std::move(*below));
      continue;
    }
    for (const auto& file : level.files) {
      const auto gone = level.directory->unlink(file);
      MAILMIRROR_TRY(gone);
      ++removed;
    }
    const auto done = std::move(path.back().name);
    path.pop_back();
    const auto gone = (path.empty() ? parent : *path.back().directory).remove_directory(done);
    MAILMIRROR_TRY(gone);
  }
  return removed;
}

}  // namespace mailmirror::store
