// A directory for what nobody else may read.
#pragma once

#include "sync/base/result.hpp"

#include <filesystem>

namespace mailmirror::store {

/// Makes `directory` and its parents where they are missing, and gives it mode 0700. Durable on return. Blocking.
/// Errors: permission, disk_full, io.
Result<void> make_private_directory(const std::filesystem::path& directory);

/// Makes the entries of `directory` durable. Blocking.
Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace mailmirror::store
