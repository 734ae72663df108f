// The seam through which sessions get their connections: the network's in the programs, memory's in tests and the simulation.
#pragma once

#include "imap/transport/tls_contexts.hpp"
#include "imap/transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace mailmirror::imap::transport {

class Connector {
 public:
  virtual ~Connector() = default;

  /// Of the TLS connections that begin on the lines of this one.
  [[nodiscard]] TlsContexts& tls_contexts() { return tls_contexts_; }

  /// An open connection without TLS. Errors: network (unknown host, refused, unreachable), timeout; all name host:port.
  virtual Task<Result<std::unique_ptr<Transport>>> connect(std::string host, std::uint16_t port) = 0;

 private:
  TlsContexts tls_contexts_;
};

}  // namespace mailmirror::imap::transport
