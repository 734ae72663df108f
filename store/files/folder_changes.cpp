#include "store/files/folder_changes.hpp"

#include "store/files/folder_tree.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace mailmirror::store {
namespace {

constexpr std::array<std::string_view, 3> kParts{"cur", "new", "tmp"};
constexpr std::string_view kKeywords = "dovecot-keywords";

/// "a/b/c" → "a/b" and "c".
std::pair<std::string, std::string> split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

Result<bool> is_empty(const Directory& directory) {
  bool empty = true;
  const auto listed = directory.list([&](std::string_view, EntryKind) { empty = false; });
  MAILMIRROR_TRY(listed);
  return empty;
}

/// What is unfinished in tmp/ belongs to nobody any more.
Result<void> clear(const Directory& directory) {
  std::vector<std::string> names;
  const auto listed = directory.list([&](std::string_view name, EntryKind kind) {
    if (kind == EntryKind::file) names.emplace_back(name);
  });
  MAILMIRROR_TRY(listed);
  for (const auto& name : names) {
    const auto gone = directory.unlink(name);
    if (!gone && gone.error().kind != ErrorKind::missing) return gone.error();
  }
  return ok();
}

}  // namespace

Result<void> rename_folder(Disk& disk, const std::filesystem::path& root, const std::string& from, const std::string& to) {
  const auto [from_parent, from_name] = split(from);
  const auto [to_parent, to_name] = split(to);
  const auto source = open_beneath(disk, root, from_parent);
  MAILMIRROR_TRY(source);
  const auto target = make_beneath(disk, root, to_parent);
  MAILMIRROR_TRY(target);
  const auto renamed = (*source)->rename_noreplace(from_name, **target, to_name);
  MAILMIRROR_TRY(renamed);
  const auto arrived = (*target)->sync();
  MAILMIRROR_TRY(arrived);
  return (*source)->sync();
}

Result<void> make_folder_durable(Disk& disk, const std::filesystem::path& root, const std::string& directory) {
  auto at = disk.open_root(root);
  MAILMIRROR_TRY(at);
  for (const auto name : components_of(directory)) {
    const auto durable = (*at)->sync();
    MAILMIRROR_TRY(durable);
    at = (*at)->open_directory(name);
    MAILMIRROR_TRY(at);
  }
  return (*at)->sync();
}

Result<void> remove_empty_folder(Disk& disk, const std::filesystem::path& root, const std::string& directory) {
  const auto [parent_path, name] = split(directory);
  const auto parent = open_beneath(disk, root, parent_path);
  MAILMIRROR_TRY(parent);
  const auto folder = (*parent)->open_directory(name);
  MAILMIRROR_TRY(folder);
  for (const auto part : {kParts[0], kParts[1]}) {
    const auto place = (*folder)->open_directory(part);
    if (!place && place.error().kind == ErrorKind::missing) continue;
    MAILMIRROR_TRY(place);
    const auto empty = is_empty(**place);
    MAILMIRROR_TRY(empty);
    if (!*empty) return fail(ErrorKind::exists, (*place)->path().string() + ": a message is left in it");
  }
  if (const auto tmp = (*folder)->open_directory("tmp"); tmp) {
    const auto cleared = clear(**tmp);
    MAILMIRROR_TRY(cleared);
  }
  for (const auto part : kParts) {
    const auto gone = (*folder)->remove_directory(part);
    if (!gone && gone.error().kind != ErrorKind::missing) return gone.error();
  }
  const auto keywords = (*folder)->unlink(kKeywords);
  if (!keywords && keywords.error().kind != ErrorKind::missing) return keywords.error();
  // Other folders, or files of other programs, keep the directory.
  const auto gone = (*parent)->remove_directory(name);
  if (!gone && gone.error().kind != ErrorKind::exists) return gone.error();
  return (*parent)->sync();
}

Result<bool> confirm_folder_absent(Disk& disk, const std::filesystem::path& root, const std::string& directory) {
  auto level = open_beneath(disk, root, "");
  MAILMIRROR_TRY(level);
  for (const auto name : components_of(directory)) {
    auto next = (*level)->open_directory(name);
    if (!next && next.error().kind == ErrorKind::missing) {
      const auto durable = (*level)->sync();
      MAILMIRROR_TRY(durable);
      return true;
    }
    MAILMIRROR_TRY(next);
    level = std::move(next);
  }
  return false;
}

}  // namespace mailmirror::store
