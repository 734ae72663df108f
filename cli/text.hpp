// Text on a terminal: how wide it is, where it breaks, and what of it must not get there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::cli {

/// Names and messages come from servers: control characters (escape sequences among them) and bytes that aren't UTF-8 become
/// U+FFFD.
std::string printable(std::string_view text);

/// In columns; `text` is printable. Combining marks take none, East Asian wide characters and emoji two.
std::size_t display_width(std::string_view text);

/// Filled with spaces up to `width` columns, on the right or on the left.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

/// Not wider than `width`; what was cut off shows as "…".
std::string clip(std::string_view text, std::size_t width);

/// `first` and then the words of `text` in lines of at most `width` columns (nullopt: one line), the following ones indented by
/// `indent` spaces. Ends with a newline. A word that is wider than a line isn't broken.
std::string wrap(std::string_view first, std::string_view text, std::size_t indent, std::optional<std::size_t> width);

}  // namespace mailmirror::cli
