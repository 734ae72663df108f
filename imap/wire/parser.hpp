// Bytes in, responses out: incremental, bounded, without I/O (RFC 3501 §7, §9).
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "imap/wire/response.hpp"
#include "sync/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

namespace mailmirror::imap::wire {

/// What a server may make us keep: one response at a time. Streamed bodies aren't kept and have no limit (but 63 bits).
struct Limits {
  /// The response as it came and the values made of it, together: a million UIDs in a SEARCH fit. What the containers hold in reserve
  /// while they grow comes on top, at most as much again.
  std::size_t memory = 16 * 1024 * 1024;
  std::size_t literal = 1024 * 1024;  ///< one literal that isn't streamed
  std::size_t depth = 64;             ///< parentheses within each other
};

/// The body of a message begins: the bytes of BODY[] (or RFC822) of a FETCH.
struct BodyBegin {
  std::uint32_t sequence = 0;  ///< 0 in a UIDFETCH (RFC 9586)
  std::optional<Uid> uid;      ///< if it was told before the body
  std::uint64_t size = 0;
};

/// Valid until the next call of the parser.
struct BodyData {
  std::span<const std::byte> bytes;
};

struct BodyEnd {};

using Event = std::variant<Response, BodyBegin, BodyData, BodyEnd>;

/// Flow: read into `prepare(n)`, `commit` what was read, call `next` until it returns nullopt, again. A FETCH with a body comes as
/// BodyBegin, BodyData…, BodyEnd, then the Fetch itself with `has_body`.
/// Owns its buffer: body bytes are handed on from where they were read, without a copy.
class ResponseParser {
 public:
  explicit ResponseParser(Limits limits = {});
  ~ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;

  /// Room for at least `size` bytes.
  std::span<std::byte> prepare(std::size_t size);
  void commit(std::size_t size);

  /// nullopt: more bytes are needed. Error (protocol): the stream makes no sense from here on; the connection is to be closed.
  Result<std::optional<Event>> next();

  /// From the next response on.
  void expect_names_in(NameEncoding encoding);

  /// Bytes that were committed and not yet taken. Anything here after the OK of STARTTLS was injected.
  [[nodiscard]] std::size_t buffered() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace mailmirror::imap::wire
