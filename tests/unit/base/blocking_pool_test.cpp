#include "sync/base/blocking_pool.hpp"

#include "sync/base/result.hpp"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <barrier>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mailmirror {
namespace {

/// With threads, and without any: callers must not see a difference.
class BlockingPoolOf : public ::testing::TestWithParam<std::size_t> {
 protected:
  void run(Task<void> task) {
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr f) { failure = f; });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
  }

  asio::io_context io;
  BlockingPool pool{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(, BlockingPoolOf, ::testing::Values(0, 1, 4),
                         [](const auto& threads) { return std::to_string(threads.param) + "Threads"; });

TEST_P(BlockingPoolOf, Value_ComesBackOnTheEventLoop) {
  const auto home = std::this_thread::get_id();
  std::thread::id worked, resumed;
  std::unique_ptr<int> value;
  auto task = [&]() -> Task<void> {
    auto work = [&] {
      worked = std::this_thread::get_id();
      return std::make_unique<int>(7);
    };
    value = co_await pool.run(work);
    resumed = std::this_thread::get_id();
  };
  run(task());
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 7);
  EXPECT_EQ(resumed, home);
  EXPECT_EQ(worked == home, GetParam() == 0);
}

TEST_P(BlockingPoolOf, Nothing_ComesBackAfterTheWork) {
  std::string story;
  auto task = [&]() -> Task<void> {
    auto work = [&] { story += "work "; };
    co_await pool.run(work);
    story += "after";
  };
  run(task());
  EXPECT_EQ(story, "work after");
}

TEST_P(BlockingPoolOf, Result_ComesBackAsItIs) {
  Result<int> result = 0;
  auto task = [&]() -> Task<void> {
    auto work = [] { return Result<int>(fail(ErrorKind::disk_full, "no room")); };
    result = co_await pool.run(work);
  };
  run(task());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::disk_full);
}

TEST_P(BlockingPoolOf, Exceptions_ArriveWhereTheWorkIsAwaited) {
  auto with_value = [&]() -> Task<void> {
    auto work = []() -> int { throw std::runtime_error("value"); };
    co_await pool.run(work);
  };
  auto without = [&]() -> Task<void> {
    auto work = [] { throw std::runtime_error("none"); };
    co_await pool.run(work);
  };
  EXPECT_THROW(run(with_value()), std::runtime_error);
  EXPECT_THROW(run(without()), std::runtime_error);
}

TEST_P(BlockingPoolOf, ManyTasks_AllComeBackOnOneThread) {
  int count = 0;
  auto task = [&]() -> Task<void> {
    for (int n = 0; n < 50; ++n) {
      auto work = [n] { return n; };
      count += (co_await pool.run(work)) == n ? 1 : 0;
    }
  };
  std::vector<Task<void>> tasks;
  for (int n = 0; n < 8; ++n) tasks.push_back(task());
  for (auto& one : tasks) asio::co_spawn(io, std::move(one), [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
  io.run();
  EXPECT_EQ(count, 400);
}

TEST(BlockingPool, FourThreads_WorkAtTheSameTime) {
  asio::io_context io;
  BlockingPool pool(4);
  // Each waits for the three others: with fewer threads nobody would get past it.
  std::barrier meeting(4);
  std::atomic<int> met = 0;
  auto work = [&] {
    meeting.arrive_and_wait();
    ++met;
  };
  for (int n = 0; n < 4; ++n) asio::co_spawn(io, pool.run(work), [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
  io.run();
  EXPECT_EQ(met, 4);
}

}  // namespace
}  // namespace mailmirror
