// The store's threads: what may block (fsync, LMDB commits, directory scans, name resolution) runs here, never on the event loop.
#pragma once

#include "sync/base/task.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace mailmirror {

/// A fixed number of threads. With 0 threads the work runs on the event loop itself: the deterministic simulation does that.
class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads) {
    if (threads > 0) pool_ = std::make_unique<asio::thread_pool>(threads);
  }
  /// Waits for the work that runs.
  ~BlockingPool() {
    if (pool_) pool_->join();
  }
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `work` on a thread of the pool and returns its result, or throws its exception, on the event loop. Can't be cancelled:
  /// a cancellation is seen at the next co_await after it. `work` may refer to the awaiting coroutine's variables.
  /// Pass a named lambda (`co_await pool.run(work)`), never a temporary one: g++ 12 destroys it twice.
  template <class Work>
  auto run(Work& work) -> Task<std::invoke_result_t<Work&>> {
    using R = std::invoke_result_t<Work&>;
    const asio::any_io_executor home = co_await asio::this_coro::executor;
    std::exception_ptr failure;
    if constexpr (std::is_void_v<R>) {
      auto job = [&] { capture(failure, [&] { work(); }); };
      co_await on_pool(home, job);
      if (failure) std::rethrow_exception(failure);
    } else {
      std::optional<R> result;
      auto job = [&] { capture(failure, [&] { result.emplace(work()); }); };
      co_await on_pool(home, job);
      if (failure) std::rethrow_exception(failure);
      co_return std::move(*result);
    }
  }

 private:
  template <class F>
  static void capture(std::exception_ptr& failure, F f) {
    try {
      f();
    } catch (...) {
      failure = std::current_exception();
    }
  }

  template <class Job>
  auto on_pool(const asio::any_io_executor& home, Job& job) {
    auto start = [this, &home, &job](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      auto finish = [shared] { std::move (*shared)(); };
      auto run = [&job, home, finish, guard = asio::prefer(home, asio::execution::outstanding_work.tracked)] {
        job();
        asio::post(guard, finish);
      };
      if (pool_)
        asio::post(*pool_, std::move(run));
      else
        asio::post(home, std::move(run));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(start), asio::use_awaitable);
  }

  std::unique_ptr<asio::thread_pool> pool_;
};

}  // namespace mailmirror
