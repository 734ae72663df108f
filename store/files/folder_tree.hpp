// Directories of several levels beneath an open one, component by component. All of it BLOCKS.
#pragma once

#include "store/files/disk.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace mailmirror::store {

/// The components of a relative path; none for "".
std::vector<std::string_view> components_of(std::string_view path);

/// "a/b" beneath PATH; "" is the root itself. Error missing where a level isn't there.
Result<std::unique_ptr<Directory>> open_beneath(Disk& disk, const std::filesystem::path& root, std::string_view path);

/// The same; missing levels are made, durably. The root itself must be there.
Result<std::unique_ptr<Directory>> make_beneath(Disk& disk, const std::filesystem::path& root, std::string_view path);

/// Opens a directory in `parent` that is made where it is missing; the new name is durable afterwards.
Result<std::unique_ptr<Directory>> make_and_open(const Directory& parent, std::string_view name);

}  // namespace mailmirror::store
