#include "store/files/folder_tree.hpp"

namespace mailmirror::store {

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> components;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    components.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return components;
}

Result<std::unique_ptr<Directory>> open_beneath(Disk& disk, const std::filesystem::path& root, std::string_view path) {
  auto directory = disk.open_root(root);
  for (const auto name : components_of(path)) {
    MAILMIRROR_TRY(directory);
    directory = (*directory)->open_directory(name);
  }
  return directory;
}

Result<std::unique_ptr<Directory>> make_beneath(Disk& disk, const std::filesystem::path& root, std::string_view path) {
  auto directory = disk.open_root(root);
  for (const auto name : components_of(path)) {
    MAILMIRROR_TRY(directory);
    directory = make_and_open(**directory, name);
  }
  return directory;
}

Result<std::unique_ptr<Directory>> make_and_open(const Directory& parent, std::string_view name) {
  auto opened = parent.open_directory(name);
  if (opened || opened.error().kind != ErrorKind::missing) return opened;
  const auto made = parent.make_directory(name);
  if (!made && made.error().kind != ErrorKind::exists) return made.error();
  const auto durable = parent.sync();
  MAILMIRROR_TRY(durable);
  return parent.open_directory(name);
}

}  // namespace mailmirror::store
