#include "cli/look.hpp"

#include <array>

namespace mailmirror::cli {

std::string Look::paint(Colour colour, std::string_view text) const {
  if (colours == Colours::off) return std::string(text);
  constexpr std::array<std::string_view, 6> kCodes{"1", "2", "31", "32", "33", "36"};
  std::string painted = "\x1b[";
  painted += kCodes.at(static_cast<std::size_t>(colour));
  painted += 'm';
  painted += text;
  return painted + "\x1b[0m";
}

}  // namespace mailmirror::cli
