// What a stream can show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::cli {

enum class Colour : std::uint8_t { bold, dim, red, green, yellow, cyan };

struct Look {
  enum class Colours : std::uint8_t { off, on };
  Colours colours = Colours::off;
  /// Columns; nullopt: no terminal, so that nothing is wrapped or cut.
  std::optional<std::size_t> width;

  /// `text` in that colour, or as it is.
  [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
};

}  // namespace mailmirror::cli
