#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace mailmirror::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";

struct Character {
  char32_t code = kReplacement;
  std::size_t bytes = 1;
};

struct Lead {
  std::size_t bytes;
  char32_t bits;
  char32_t least;
};

/// nullopt: no byte that begins a character.
std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return Lead{2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return Lead{3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return Lead{4, byte & 0x07U, 0x10000};
  return std::nullopt;
}

/// The character at the front of a text that isn't empty (RFC 3629); a byte that makes none counts alone.
Character first_character(std::string_view text) {
  const auto lead = lead_of(static_cast<unsigned char>(text.front()));
  if (!lead || text.size() < lead->bytes) return {};
  auto code = lead->bits;
  for (std::size_t n = 1; n < lead->bytes; ++n) {
    const auto byte = static_cast<unsigned char>(text[n]);
    if ((byte & 0xC0U) != 0x80U) return {};
    code = code << 6U | (byte & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (code < lead->least || code > 0x10FFFF || surrogate) return {};
  return {code, lead->bytes};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [code](Range range) { return code >= range.first && code <= range.last; });
}

/// The blocks of combining marks and joiners.
constexpr std::array<Range, 7> kZeroWidth{
    {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x1AB0, 0x1AFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
/// The blocks of East Asian wide characters and emoji.
constexpr std::array<Range, 9> kDoubleWidth{{{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF00, 0xFF60},
                                             {0x1F300, 0x1FAFF},
                                             {0x20000, 0x3FFFD}}};
/// They would reorder what stands beside them (CVE-2021-42574).
constexpr std::array<Range, 3> kBidirectional{{{0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}}};

std::size_t width_of(char32_t code) {
  return is_in(kZeroWidth, code) ? 0 : is_in(kDoubleWidth, code) ? 2 : 1;
}

bool is_printable(char32_t code) {
  return code >= 0x20 && !(code >= 0x7F && code < 0xA0) && !is_in(kBidirectional, code);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return words;
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    if (code == '\n' || code == '\t')
      result += ' ';
    else if (code == kReplacement || !is_printable(code))
      result += kReplacementText;
    else
      result += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    width += width_of(code);
    text.remove_prefix(bytes);
  }
  return width;
}

std::string pad_right(std::string_view text, std::size_t width) {
  const auto taken = display_width(text);
  return std::string(text) + std::string(width > taken ? width - taken : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const auto taken = display_width(text);
  return std::string(width > taken ? width - taken : 0, ' ') + std::string(text);
}

std::string clip(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::string result;
  std::size_t taken = 0;
  while (true) {
    const auto [code, bytes] = first_character(text);
    if (taken + width_of(code) > width - 1) return result + "…";
    taken += width_of(code);
    result += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
}

std::string wrap(std::string_view first, std::string_view text, std::size_t indent, std::optional<std::size_t> width) {
  std::string result(first);
  auto column = display_width(first);
  bool at_start = true;
  for (const auto word : words_of(text)) {
    const auto needed = display_width(word) + (at_start ? 0 : 1);
    if (width && !at_start && column + needed > *width) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
      at_start = true;
    }
    if (!at_start) result += ' ';
    result += word;
    column += display_width(word) + (at_start ? 0 : 1);
    at_start = false;
  }
  return result + '\n';
}

}  // namespace mailmirror::cli
