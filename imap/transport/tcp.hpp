// TCP, with the keep-alive that finds dead peers.
#pragma once

#include "imap/transport/connector.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace mailmirror::imap::transport {

/// Resolves `host` on the pool (getaddrinfo blocks and can't be cancelled) and tries its addresses one after the other, in the
/// resolver's order, each for `per_address` at most. Sets TCP_NODELAY and keep-alive (60 s idle, then 3 probes 10 s apart).
Task<Result<std::unique_ptr<Transport>>> connect_tcp(std::string host, std::uint16_t port, BlockingPool& pool, Clock& clock,
                                                     Duration per_address = std::chrono::seconds(10));

/// The network. Both references must outlive it.
class TcpConnector final : public Connector {
 public:
  TcpConnector(BlockingPool& pool, Clock& clock) : pool_(pool), clock_(clock) {}
  Task<Result<std::unique_ptr<Transport>>> connect(std::string host, std::uint16_t port) override;

 private:
  BlockingPool& pool_;
  Clock& clock_;
};

}  // namespace mailmirror::imap::transport
