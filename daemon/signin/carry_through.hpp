// Work that is better finished than cut short, within reason.
#pragma once

#include "sync/base/latch.hpp"
#include "sync/base/result.hpp"
#include "sync/base/timeout.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace mailmirror::daemon::signin {

/// `task`'s result or exception. When the caller is cancelled the task still gets `grace` to come to its end by itself; then it is
/// cancelled, too. Either way the cancellation is thrown only once the task has ended.
template <class T>
Task<T> carry_through(Clock& clock, Duration grace, Task<T> task) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::cancellation_signal cut;
  Latch done(executor);
  std::optional<T> result;
  std::exception_ptr failure;
  auto finish = [&](std::exception_ptr thrown, T value) {
    failure = std::move(thrown);
    result.emplace(std::move(value));
    done.set();
  };
  asio::co_spawn(executor, std::move(task), asio::bind_cancellation_slot(cut.slot(), finish));
  bool cancelled = false;
  try {
    co_await done.wait();
  } catch (const boost::system::system_error& error) {
    if (!is_cancellation(error)) throw;
    cancelled = true;
  }
  if (cancelled) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto until_done = [](Latch& latch) -> Task<Result<void>> {
      co_await latch.wait();
      co_return ok();
    };
    auto waiting = until_done(done);
    const auto in_time = co_await with_deadline(clock, clock.steady_now() + grace, "grace", std::move(waiting));
    if (!in_time) cut.emit(asio::cancellation_type::terminal);
    co_await done.wait();
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (failure) std::rethrow_exception(failure);
  co_return std::move(*result);
}

}  // namespace mailmirror::daemon::signin
