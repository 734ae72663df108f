// A deadline for any task.
#pragma once

#include "sync/base/clock.hpp"
#include "sync/base/result.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include <exception>
#include <string>
#include <utility>

namespace mailmirror {

/// The task's result; if it isn't there at `when`, the task is cancelled, waited for, and Error{timeout, "WHAT: no answer in time"}
/// is returned; a value that came after all counts, and an exception other than that cancellation is thrown. (awaitable_operators'
/// `||` waits for a success and hides the error: not used.)
template <class T>
Task<Result<T>> with_deadline(Clock& clock, SteadyTime when, std::string what, Task<Result<T>> task) {
  auto executor = co_await asio::this_coro::executor;
  auto group = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(task), asio::deferred),
                                                       asio::co_spawn(executor, clock.sleep_until(when), asio::deferred));
  auto [order, task_failure, result, sleep_failure] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const bool late = order[0] == 1 && !sleep_failure;
  if (!task_failure && (result || !late)) co_return std::move(result);
  try {
    if (task_failure) std::rethrow_exception(task_failure);
  } catch (const boost::system::system_error& error) {
    if (!late || !is_cancellation(error)) throw;
  }
  co_return Error(ErrorKind::timeout, what + ": no answer in time");
}

}  // namespace mailmirror
