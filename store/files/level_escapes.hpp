// One level of a mailbox's name, made fit to be a directory's name (or a part of one), reversibly.
#pragma once

#include "store/files/folder_paths.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::store {

/// The rules stand with FolderPaths. Always valid UTF-8 without control characters; any length.
std::string escape_level(std::string_view level, Layout layout);

/// nullopt: a '%' that begins no escape. More lenient than `escape_level` is: encode again to see whether it is one of ours.
std::optional<std::string> unescape_level(std::string_view escaped);

}  // namespace mailmirror::store
