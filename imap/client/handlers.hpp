// Who takes what a connection carries: answers, bodies, and the bytes of an upload.
#pragma once

#include "imap/wire/response.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace mailmirror::imap::client {

/// Takes message bodies as they stream by: begin, data…, end for each message, never interleaved. A body whose `end` doesn't come
/// before the operation returned is incomplete and must be dropped; so is one that is followed by another `begin`.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// `size` octets follow: the literal's own length, the only size to be trusted.
  virtual void begin(std::uint64_t size) = 0;
  /// The bytes are valid during the call only.
  virtual void data(std::span<const std::byte> bytes) = 0;
  /// The FETCH that held the body, with its UID and flags.
  virtual void end(const wire::Fetch& fetch) = 0;
  /// Back-pressure: the connection reads no further until this returns. Awaited after each read that carried body data, by the
  /// coroutine that asked for the bodies.
  virtual Task<void> ready() = 0;
};

/// Takes the untagged data that belongs to a command.
class ResponseHandler {
 public:
  virtual ~ResponseHandler() = default;
  /// True: taken. False: it isn't this command's; the next one in line, at last the unilateral handler gets it.
  virtual bool take(const wire::Response& response) = 0;
  /// Where BODY[] goes; nullptr if this command doesn't ask for bodies.
  virtual BodySink* bodies() { return nullptr; }
};

/// The bytes of a literal that a command announced with `streamed_literal(size)`; it gives exactly `size` octets.
class LiteralSource {
 public:
  virtual ~LiteralSource() = default;
  /// The next piece, valid until the next call; empty at the end. An error ends the connection: half a literal can't be taken back.
  virtual Task<Result<std::span<const std::byte>>> next() = 0;
};

/// A literal that a command announced with `streamed_literal(size)`. `source` outlives the writing of the command.
struct StreamedLiteral {
  LiteralSource* source = nullptr;
  std::uint64_t size = 0;
};

/// One for each `streamed_literal` of a command, in order; they outlive its writing, too.
using StreamedLiterals = std::span<const StreamedLiteral>;

}  // namespace mailmirror::imap::client
