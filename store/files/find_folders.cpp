#include "store/files/folder_paths.hpp"
#include "store/files/folder_tree.hpp"

#include <algorithm>
#include <deque>

namespace mailmirror::store {
namespace {

bool is_part_of_a_folder(std::string_view name) {
  return name == "cur" || name == "new" || name == "tmp";
}

struct Level {
  bool has_cur = false;
  std::vector<std::string> directories;
};

Result<Level> look_into(const Directory& directory) {
  Level level;
  const auto listed = directory.list([&](std::string_view name, EntryKind kind) {
    if (kind != EntryKind::directory) return;
    if (is_part_of_a_folder(name))
      level.has_cur = level.has_cur || name == "cur";
    else
      level.directories.emplace_back(name);
  });
  MAILMIRROR_TRY(listed);
  return level;
}

/// nullopt: it went away since it was listed.
Result<std::optional<Level>> look_into(Disk& disk, const std::filesystem::path& root, const std::string& path) {
  const auto directory = open_beneath(disk, root, path);
  if (!directory && directory.error().kind == ErrorKind::missing) return std::optional<Level>();
  MAILMIRROR_TRY(directory);
  auto level = look_into(**directory);
  MAILMIRROR_TRY(level);
  return std::optional(std::move(*level));
}

Result<std::vector<FoundFolder>> find_nested(Disk& disk, const std::filesystem::path& root, Level top) {
  std::vector<FoundFolder> found;
  std::deque<std::string> waiting;
  const auto enqueue = [&](const std::string& prefix, const Level& level) {
    for (const auto& name : level.directories)
      if (name.front() != '.') waiting.push_back(prefix + name);
  };
  enqueue("", top);
  for (; !waiting.empty(); waiting.pop_front()) {
    const auto& path = waiting.front();
    const auto level = look_into(disk, root, path);
    MAILMIRROR_TRY(level);
    if (!*level) continue;
    found.push_back({path, (*level)->has_cur});
    enqueue(path + "/", **level);
  }
  return found;
}

/// maildir++ and flat: one level; in the one all folders' names begin with a dot, in the other none.
Result<std::vector<FoundFolder>> find_flat(Disk& disk, const std::filesystem::path& root, Layout layout, const Level& top) {
  const bool dotted = layout == Layout::maildir_plus_plus;
  std::vector<FoundFolder> found;
  if (top.has_cur && dotted) found.push_back({"", true});
  for (const auto& name : top.directories) {
    if ((name.front() == '.') != dotted) continue;
    const auto level = look_into(disk, root, name);
    MAILMIRROR_TRY(level);
    if (*level) found.push_back({name, (*level)->has_cur});
  }
  return found;
}

}  // namespace

Result<std::vector<FoundFolder>> find_folders(Disk& disk, const std::filesystem::path& root, Layout layout) {
  const auto top = disk.open_root(root);
  MAILMIRROR_TRY(top);
  auto level = look_into(**top);
  MAILMIRROR_TRY(level);
  auto found = layout == Layout::nested ? find_nested(disk, root, std::move(*level)) : find_flat(disk, root, layout, *level);
  MAILMIRROR_TRY(found);
  std::sort(found->begin(), found->end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

}  // namespace mailmirror::store
