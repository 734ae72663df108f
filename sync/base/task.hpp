// Task<T>: a coroutine on the one network thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace mailmirror {

namespace asio = boost::asio;

/// Lazily started; runs on the executor of whoever awaits it. Cancellation arrives as `Cancelled` from a co_await.
template <class T = void>
using Task = asio::awaitable<T, asio::any_io_executor>;

/// Asio tells a cancellation as system_error(operation_aborted); it is the one exception that crosses coroutines by design.
inline bool is_cancellation(const boost::system::system_error& error) {
  return error.code() == asio::error::operation_aborted;
}

/// Throws operation_aborted if this coroutine was asked to stop.
inline Task<void> throw_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace mailmirror
