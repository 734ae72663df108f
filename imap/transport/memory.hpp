// Two ends of a connection inside one process, for tests and the simulation.
#pragma once

#include "imap/transport/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

namespace mailmirror::imap::transport {

struct MemorySettings {
  /// Bytes that one direction holds before its writer waits.
  std::size_t capacity = 64 * 1024;
  /// The most that one read returns: 1 makes a stream of single bytes.
  std::size_t largest_read = std::numeric_limits<std::size_t>::max();
  /// Not 0: each read returns a pseudo-random part of what is there, the same ones for the same seed.
  std::uint64_t split_seed = 0;
  /// Both directions die after this many bytes passed (both directions counted): readers get what arrived, then an error.
  std::uint64_t cut_after = std::numeric_limits<std::uint64_t>::max();
};

/// A connected pair; each end may outlive the other.
std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> memory_pair(const asio::any_io_executor& executor,
                                                                              MemorySettings settings = {});

}  // namespace mailmirror::imap::transport
