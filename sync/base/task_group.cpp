#include "sync/base/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/assert.hpp>

namespace mailmirror {
namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return mailmirror::is_cancellation(error);
  } catch (...) {
    return false;
  }
}

/// Asio 1.81's co_spawn runs a task at once if it can, and throws out of the event loop if that task was cancelled (by its own
/// group.cancel(), say) and ended without ever having waited. So each waits for its turn first.
Task<void> after_a_turn(asio::any_io_executor executor, Task<void> task) {
  co_await asio::post(executor, asio::use_awaitable);
  co_await std::move(task);
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(executor), changed_(executor) {}

TaskGroup::~TaskGroup() { BOOST_ASSERT_MSG(running_.empty(), "a task group went away before its tasks"); }

void TaskGroup::spawn(Task<void> task) {
  const auto member = running_.emplace(running_.end());
  asio::co_spawn(executor_, after_a_turn(executor_, std::move(task)),
                 asio::bind_cancellation_slot(member->slot(), [this, member](std::exception_ptr failure) { ended(member, failure); }));
}

void TaskGroup::ended(std::list<asio::cancellation_signal>::iterator member, std::exception_ptr failure) {
  // The signal may be emitting right now (a task that ends because of it): it goes when control is back at the event loop.
  auto node = std::make_shared<std::list<asio::cancellation_signal>>();
  node->splice(node->end(), running_, member);
  asio::post(executor_, [node] {});
  if (failure && !failure_ && !is_cancellation(failure)) {
    failure_ = failure;
    cancel();
  }
  changed_.notify();
}

void TaskGroup::cancel() {
  for (auto it = running_.begin(); it != running_.end();) {
    auto& signal = *it++;
    signal.emit(asio::cancellation_type::terminal);
  }
}

Task<void> TaskGroup::join() {
  bool cancelled = false;
  while (!running_.empty()) {
    try {
      co_await changed_.wait();
    } catch (const boost::system::system_error& error) {
      if (!mailmirror::is_cancellation(error) || cancelled) throw;
      cancelled = true;
    }
    if (!cancelled) continue;
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    cancel();
    while (!running_.empty()) co_await changed_.wait();
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace mailmirror
