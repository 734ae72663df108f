// What unit tests of coroutines live in: an event loop whose clock jumps to the next deadline as soon as nothing else can happen.
#pragma once

#include "sync/base/blocking_pool.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/event.hpp"
#include "sync/base/random.hpp"
#include "sync/base/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace mailmirror::testing {

class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  [[nodiscard]] SystemTime system_now() const override { return SystemTime(std::chrono::hours(24 * 365 * 50)) + now_; }
  [[nodiscard]] SteadyTime steady_now() const override { return SteadyTime(now_); }

  Task<void> sleep_until(SteadyTime when) override {
    if (when <= steady_now()) co_return;
    const auto due = std::make_shared<Event>(executor_);
    const Sleeper sleeper(sleepers_, when, due);
    while (steady_now() < when) co_await due->wait();
  }

  /// False if nobody sleeps.
  bool jump() {
    if (sleepers_->empty()) return false;
    now_ = std::max(now_, sleepers_->begin()->first.time_since_epoch());
    for (auto& [when, due] : *sleepers_)
      if (when <= steady_now()) due->notify();
    return true;
  }

 private:
  using Sleepers = std::multimap<SteadyTime, std::shared_ptr<Event>>;

  /// Shared, since the frames of tasks that still sleep at the end of a test go after the clock.
  class Sleeper {
   public:
    Sleeper(std::shared_ptr<Sleepers> all, SteadyTime when, std::shared_ptr<Event> due)
        : all_(std::move(all)), place_(all_->emplace(when, std::move(due))) {}
    ~Sleeper() { all_->erase(place_); }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

   private:
    std::shared_ptr<Sleepers> all_;
    Sleepers::iterator place_;
  };

  asio::any_io_executor executor_;
  Duration now_ = std::chrono::hours(1);
  std::shared_ptr<Sleepers> sleepers_ = std::make_shared<Sleepers>();
};

/// The same numbers in every run.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (auto& b : bytes) b = static_cast<std::byte>(++next_);
  }

 private:
  unsigned next_ = 0;
};

struct World {
  asio::io_context io;
  VirtualClock clock{io.get_executor()};
  BlockingPool pool{0};
  CountingRandom random;

  /// Runs `task` to its end. Throws what it throws; aborts the program if it waits for something that can't happen.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr f, T value) {
      failure = f;
      result.emplace(std::move(value));
    });
    while (!result) step();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }

  void run(Task<void> task) {
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr f) {
      failure = f;
      done = true;
    });
    while (!done) step();
    if (failure) std::rethrow_exception(failure);
  }

  /// Lets everything happen that happens without a clock.
  void drain() {
    io.restart();
    io.poll();
  }

 private:
  void step() {
    io.restart();
    if (io.poll() != 0 || clock.jump()) return;
    // Unwinding would only trip over the tasks that still wait.
    std::fputs("nothing can happen any more: a task hangs\n", stderr);
    std::abort();
  }
};

}  // namespace mailmirror::testing
