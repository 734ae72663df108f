#include "store/files/level_escapes.hpp"

#include "store/files/utf8.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailmirror::store {
namespace {

constexpr std::string_view kEmptyLevel = "%";
/// Names that a folder's directory holds for other ends; in any case, since some file systems don't tell.
constexpr std::array<std::string_view, 4> kReserved = {"cur", "new", "tmp", "dovecot-keywords"};

bool is_reserved(std::string_view level) {
  return std::any_of(kReserved.begin(), kReserved.end(),
                     [&](std::string_view name) { return ascii::equal_ignoring_case(level, name); });
}

std::string escape(char c) {
  return fmt::format("%{:02X}", static_cast<unsigned char>(c));
}

bool needs_escape(char c, Layout layout) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '/' || c == '%' || (c == '.' && layout != Layout::nested);
}

std::optional<unsigned> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string escape_level(std::string_view level, Layout layout) {
  if (level.empty()) return std::string(kEmptyLevel);
  std::string escaped;
  bool escape_first = level.front() == '.' || (layout != Layout::maildir_plus_plus && is_reserved(level));
  for (auto rest = level; !rest.empty();) {
    const auto length = first_character(rest).length;
    if (length == 0 || escape_first || needs_escape(rest.front(), layout)) {
      escaped += escape(rest.front());
      rest.remove_prefix(1);
    } else {
      escaped += rest.substr(0, length);
      rest.remove_prefix(length);
    }
    escape_first = false;
  }
  return escaped;
}

std::optional<std::string> unescape_level(std::string_view escaped) {
  if (escaped == kEmptyLevel) return std::string();
  std::string level;
  for (std::size_t at = 0; at < escaped.size(); ++at) {
    if (escaped[at] != '%') {
      level += escaped[at];
      continue;
    }
    if (escaped.size() - at < 3) return std::nullopt;
    const auto high = hex_value(escaped[at + 1]);
    const auto low = hex_value(escaped[at + 2]);
    if (!high || !low) return std::nullopt;
    level += static_cast<char>(static_cast<unsigned char>(*high << 4 | *low));
    at += 2;
  }
  return level;
}

}  // namespace mailmirror::store
