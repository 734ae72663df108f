// A condition that stays, unlike an Event's notice.
#pragma once

#include "sync/base/event.hpp"

namespace mailmirror {

/// Set or not set; who comes to wait while it is set doesn't wait. Network thread only. Must outlive its waiters.
class Latch {
 public:
  explicit Latch(const asio::any_io_executor& executor) : changed_(executor) {}

  [[nodiscard]] bool is_set() const { return set_; }
  void set() {
    set_ = true;
    changed_.notify();
  }
  void reset() { set_ = false; }

  /// Returns when it is set; throws operation_aborted if this coroutine was cancelled.
  Task<void> wait() {
    while (!set_) co_await changed_.wait();
  }

 private:
  Event changed_;
  bool set_ = false;
};

}  // namespace mailmirror
