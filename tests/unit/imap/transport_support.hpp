// Text through transports.
#pragma once

#include "imap/transport/transport.hpp"
#include "tests/unit/imap/world.hpp"

#include <array>
#include <string>
#include <string_view>

namespace mailmirror::testing {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// What one read gives; "" at the orderly end.
inline Task<Result<std::string>> read_text(imap::transport::Transport& transport) {
  std::array<std::byte, 64 * 1024> buffer{};
  const auto count = co_await transport.read_some(buffer);
  MAILMIRROR_CO_TRY(count);
  co_return std::string(reinterpret_cast<const char*>(buffer.data()), *count);
}

/// Up to the orderly end, or an error.
inline Task<std::string> read_all(imap::transport::Transport& transport) {
  std::string all;
  while (true) {
    auto piece = co_await read_text(transport);
    if (!piece || piece->empty()) co_return all;
    all += *piece;
  }
}

}  // namespace mailmirror::testing
