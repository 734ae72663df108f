// A message's Message-ID (RFC 5322 §3.6.4), as it stands in the header; all that we ever read of a header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace mailmirror::store {

/// Takes a message from its beginning, piece by piece, LF or CRLF. Looks at the first 256 KiB of the header.
class MessageIdFinder {
 public:
  void take(std::span<const std::byte> bytes);
  /// "<left@right>"; the unfolded text where there are no angle brackets; "" where there is no such field.
  [[nodiscard]] std::string message_id() const;
  /// What it has looked at, with whatever followed the header in the same piece.
  [[nodiscard]] std::string_view header() const { return header_; }

 private:
  std::string header_;
  bool complete_ = false;
};

}  // namespace mailmirror::store
