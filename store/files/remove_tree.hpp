// A whole directory tree goes, for good.
#pragma once

#include "store/files/disk.hpp"

#include <cstdint>
#include <string_view>

namespace mailmirror::store {

/// Removes `name` in `parent` with all that is in it; links are removed, never followed. BLOCKS. Returns how many files went.
Result<std::uint64_t> remove_tree(const Directory& parent, std::string_view name);

}  // namespace mailmirror::store
