// Whose turn it is to write: a mutex for coroutines of one thread.
#pragma once

#include "sync/base/event.hpp"

#include <utility>

namespace mailmirror::imap::client {

class Turn {
 public:
  explicit Turn(const asio::any_io_executor& executor) : freed_(executor) {}

  class Hold {
   public:
    explicit Hold(Turn& turn) : turn_(&turn) {}
    Hold(Hold&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (turn_ == nullptr) return;
      turn_->taken_ = false;
      turn_->freed_.notify();
    }

   private:
    Turn* turn_;
  };

  Task<Hold> take() {
    while (taken_) co_await freed_.wait();
    taken_ = true;
    co_return Hold(*this);
  }

 private:
  bool taken_ = false;
  Event freed_;
};

}  // namespace mailmirror::imap::client
