// What tests upload.
#pragma once

#include "imap/client/append.hpp"
#include "tests/unit/imap/transport_support.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace mailmirror::testing {

inline constexpr std::chrono::sys_seconds kDate{std::chrono::seconds(837'596'665)};
inline constexpr const char* kSentDate = "\"17-Jul-1996 09:44:25 +0000\"";

// g++ 12 can't have a braced list inside a co_await expression.
inline FlagSet seen() {
  return FlagSet{Flag::seen};
}

/// A text in pieces of two octets; it may break after some.
class TextSource final : public imap::client::LiteralSource {
 public:
  explicit TextSource(std::string text, std::size_t breaks_at = std::string::npos)
      : text_(std::move(text)), breaks_at_(breaks_at) {}

  Task<Result<std::span<const std::byte>>> next() override {
    if (at_ >= breaks_at_) co_return fail(ErrorKind::io, "the disk is broken");
    const auto piece = std::string_view(text_).substr(at_, 2);
    at_ += piece.size();
    co_return bytes_of(piece);
  }

 private:
  std::string text_;
  std::size_t breaks_at_;
  std::size_t at_ = 0;
};

/// Of `size` octets, seen, as of kDate.
inline imap::client::AppendMessage message_from(TextSource& source, std::uint64_t size) {
  imap::client::AppendMessage message;
  message.flags = seen();
  message.date = kDate;
  message.size = size;
  message.source = &source;
  return message;
}

}  // namespace mailmirror::testing
