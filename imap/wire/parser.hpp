// From bytes to responses, however the bytes are cut. Sans-IO: no socket, no thread, no clock.
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "imap/wire/receive_buffer.hpp"
#include "imap/wire/response.hpp"
#include "sync/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace mailmirror::imap::wire {

/// What a server may make the parser hold, in octets. Passing a bound is a protocol error.
struct Limits {
  std::size_t max_line = 1 << 20;
  /// Literals other than a streamed body.
  std::size_t max_literal = 1 << 20;
  /// All lines and literals of one response, streamed bodies excepted.
  std::size_t max_response = 16 << 20;
  /// A streamed body (RFC 3501: literals are counted with 32 bits). Nothing of it is held.
  std::uint64_t max_body = 0xFFFF'FFFF;
  /// Parentheses within parentheses.
  std::size_t max_depth = 128;
};

/// A message's body follows: BODY[], BODY[]<n> or RFC822 of a FETCH.
struct BodyBegin {
  /// 0 in a UIDFETCH.
  std::uint32_t seq = 0;
  /// Where UID stood before the body; else the Fetch that follows has it.
  std::optional<Uid> uid;
  /// Octets; the BodyData up to BodyEnd add up to it.
  std::uint64_t size = 0;
  friend bool operator==(const BodyBegin&, const BodyBegin&) = default;
};

/// Points into the parser's memory: valid until its next `next()` or `prepare()`. Never empty.
struct BodyData {
  std::span<const std::byte> bytes;
};

struct BodyEnd {
  friend bool operator==(const BodyEnd&, const BodyEnd&) = default;
};

using Event = std::variant<Response, BodyBegin, BodyData, BodyEnd>;

/// One connection's incoming side. Use:
///   const auto space = parser.prepare(64 << 10);   // read into it
///   parser.commit(n);
///   while (true) { auto event = parser.next(); if (!event) fail; if (!*event) read more; … }
/// A body is streamed as it arrives: BodyBegin, BodyData…, BodyEnd, and at the end of its response the Fetch with has_body set.
/// All other literals are held until their response is complete.
class ResponseParser {
 public:
  explicit ResponseParser(Limits limits = {}) : limits_(limits) {}

  /// Room for at least `size` more bytes.
  std::span<std::byte> prepare(std::size_t size) { return buffer_.prepare(size); }
  /// The first `size` bytes of what `prepare` gave are filled.
  void commit(std::size_t size) { buffer_.commit(size); }

  /// The next event; nullopt: it takes more bytes. An Error of kind `protocol`: the bytes make no sense or pass a bound, nothing
  /// that follows can be understood, and every later call returns an error too.
  Result<std::optional<Event>> next();

  /// For responses parsed from now on.
  void set_name_encoding(NameEncoding encoding) { encoding_ = encoding; }

  /// Bytes that arrived and weren't parsed. After the tagged OK of STARTTLS there must be none (RFC 3501 §6.2.1).
  [[nodiscard]] std::size_t unread() const { return buffer_.readable().size(); }
  /// Nothing was begun that isn't complete: a connection that ends here wasn't cut in the middle of a response.
  [[nodiscard]] bool at_boundary() const;

 private:
  enum class State : std::uint8_t { line, literal, body, failed };

  Result<std::optional<Event>> step();
  Result<std::optional<Event>> take_line();
  Result<std::optional<Event>> take_literal();
  Result<std::optional<Event>> take_body();
  Result<std::optional<Event>> on_line(std::string_view line, std::string_view with_end);
  Result<std::optional<Event>> on_literal_header(std::string_view line, std::string_view with_end);
  Result<std::optional<Event>> on_response(std::string_view text);
  Result<void> hold(std::string_view bytes);

  Limits limits_;
  NameEncoding encoding_ = NameEncoding::modified_utf7;
  ReceiveBuffer buffer_;
  State state_ = State::line;
  /// How much of the current line was searched for its end.
  std::size_t searched_ = 0;
  /// The lines and literals of a response that isn't complete.
  std::string held_;
  std::uint64_t literal_left_ = 0;
  std::size_t bodies_ = 0;
  /// Bodies that came as quoted strings, and the events that tell of them.
  std::deque<std::string> inline_bodies_;
  std::deque<Event> queued_;
};

}  // namespace mailmirror::imap::wire
