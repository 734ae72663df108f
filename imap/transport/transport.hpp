// A connection as a stream of bytes. TCP, TLS and DEFLATE are stacked on each other; the in-memory one of the tests has the same
// face.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mailmirror::imap::transport {

/// What both ends of an encrypted connection know, and nobody in between does (RFC 5056).
struct ChannelBinding {
  std::string type;  ///< as registered: "tls-exporter"
  std::string data;
};

/// Used on the network thread. One read and one write may be under way at the same time, each in its own coroutine; never two
/// reads or two writes. After an error, a cancellation or `close()` the transport is spent.
class Transport {
 public:
  virtual ~Transport() = default;
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Waits for at least one byte and returns how many were put into `into` (not empty); 0 is the peer's orderly end.
  virtual Task<Result<std::size_t>> read_some(std::span<std::byte> into) = 0;

  /// Returns when all of `bytes` were handed down; they stay untouched until then.
  virtual Task<Result<void>> write_all(std::span<const std::byte> bytes) = 0;

  /// At once and without ceremony: what waits in read or write gets an error of kind network. May be called twice.
  virtual void close() = 0;

  /// Bytes that really crossed the wire, encrypted and compressed as they were.
  [[nodiscard]] virtual std::uint64_t bytes_in() const = 0;
  [[nodiscard]] virtual std::uint64_t bytes_out() const = 0;

  /// What a login may be tied to, the best first; none where nothing is encrypted.
  [[nodiscard]] virtual std::vector<ChannelBinding> channel_bindings() const { return {}; }
};

}  // namespace mailmirror::imap::transport
