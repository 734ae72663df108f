// A group of tasks that can't be left running, however its body ends.
#pragma once

#include "sync/base/task_group.hpp"

namespace mailmirror {

/// Runs `body(group)` and all tasks that it spawns into the group, and returns when the last of them has ended. The first failure
/// among them, the body's included, cancels the others and is thrown; so is the caller's own cancellation. `body` is a named
/// variable that the caller keeps.
template <class Body>
Task<void> run_in_group(Body& body) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  TaskGroup group(executor);
  group.spawn(body(group));
  co_await group.join();
}

}  // namespace mailmirror
