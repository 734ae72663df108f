// Modified UTF-7 (RFC 3501 §5.1.3) as it stands in directory names. (The wire has its own: neither room may use the other.)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::store {

/// `utf8` is valid UTF-8.
std::string to_modified_utf7(std::string_view utf8);

/// nullopt: it isn't modified UTF-7 as `to_modified_utf7` writes it.
std::optional<std::string> from_modified_utf7(std::string_view text);

}  // namespace mailmirror::store
