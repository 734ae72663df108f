// Structured concurrency: the tasks of a group end before the group does, and no failure is dropped.
#pragma once

#include "sync/base/event.hpp"
#include "sync/base/task.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <exception>
#include <list>

namespace mailmirror {

/// Owned by a coroutine that calls `join()` before the group goes out of scope (checked by an assertion).
/// The first exception of a task (other than its own cancellation) cancels the others and is thrown by `join()`.
class TaskGroup {
 public:
  explicit TaskGroup(asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`; it first runs when control returns to the event loop. Cancelled before that, it never runs at all: what has to
  /// happen at its end in any case is the business of a parameter's destructor.
  void spawn(Task<void> task);

  /// Asks every running task to stop; those spawned later are not concerned.
  void cancel();

  /// Waits for all tasks, then throws what failed first. When the waiting coroutine is cancelled, so are the tasks; it still
  /// waits for them and then throws operation_aborted.
  Task<void> join();

  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  void ended(std::list<asio::cancellation_signal>::iterator member, std::exception_ptr failure);

  asio::any_io_executor executor_;
  std::list<asio::cancellation_signal> running_;
  std::exception_ptr failure_;
  Event changed_;
};

}  // namespace mailmirror
