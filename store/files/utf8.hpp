// UTF-8, checked, one character at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailmirror::store {

struct Utf8Character {
  std::uint32_t code = 0;
  std::size_t length = 0;  ///< 0: the text doesn't begin with a valid character (overlong forms and surrogates are none)
};

Utf8Character first_character(std::string_view text);

/// Precondition: `code` is a Unicode scalar value.
void append_utf8(std::string& text, std::uint32_t code);

}  // namespace mailmirror::store
