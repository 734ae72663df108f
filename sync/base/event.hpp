// A condition that coroutines of one thread wait for.
#pragma once

#include "sync/base/task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

namespace mailmirror {

/// `notify()` wakes everyone who waits now; nothing is remembered: look at your own condition in a loop around `wait()`.
/// Use on the network thread only. Must outlive its waiters.
class Event {
 public:
  explicit Event(const asio::any_io_executor& executor) : timer_(executor, asio::steady_timer::time_point::max()) {}

  void notify() { timer_.cancel(); }

  /// Returns at the next `notify()`; throws operation_aborted if this coroutine was cancelled.
  Task<void> wait() {
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await throw_if_cancelled();
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace mailmirror
