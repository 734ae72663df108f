// Back-pressure: how many bytes may wait for the disk at a time.
#pragma once

#include "sync/base/event.hpp"

#include <cstdint>

namespace mailmirror::sync {

/// Network thread only. One holder may go over the limit by what it takes at once; the next waits.
class ByteBudget {
 public:
  ByteBudget(const asio::any_io_executor& executor, std::uint64_t limit) : limit_(limit), freed_(executor) {}

  void take(std::uint64_t bytes) { used_ += bytes; }

  void give_back(std::uint64_t bytes) {
    used_ -= bytes;
    freed_.notify();
  }

  /// Returns when there is room.
  Task<void> wait_for_room() {
    while (used_ >= limit_) co_await freed_.wait();
  }

  /// Returns when nothing is held any more.
  Task<void> wait_until_empty() {
    while (used_ > 0) co_await freed_.wait();
  }

 private:
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  Event freed_;
};

}  // namespace mailmirror::sync
