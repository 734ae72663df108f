#include "sync/base/timeout.hpp"

#include "tests/unit/imap/world.hpp"

#include <gmock/gmock.h>
#include <boost/asio/bind_cancellation_slot.hpp>

namespace mailmirror {
namespace {

using namespace std::chrono_literals;
using testing::World;

struct WithDeadline : ::testing::Test {
  World world;
  bool stopped = false;

  Task<Result<int>> answer_after(Duration length, int answer) {
    co_await world.clock.sleep(length);
    co_return answer;
  }
  Task<Result<int>> refuse_after(Duration length) {
    co_await world.clock.sleep(length);
    co_return fail(ErrorKind::refused, "no");
  }
  Task<Result<int>> throw_after(Duration length) {
    co_await world.clock.sleep(length);
    throw std::logic_error("a bug");
  }
  /// Ends in its own way when it is cancelled.
  Task<Result<int>> when_cancelled(std::function<Result<int>()> end) {
    try {
      co_await world.clock.sleep(1h);
    } catch (const boost::system::system_error&) {
      stopped = true;
    }
    co_return end();
  }

  Result<int> run(Duration limit, Task<Result<int>> task) {
    return world.run(with_deadline(world.clock, world.clock.steady_now() + limit, "LOGIN to imap.example.org", std::move(task)));
  }
};

TEST_F(WithDeadline, AnswerInTime_IsTheResult) {
  const auto before = world.clock.steady_now();
  EXPECT_EQ(run(10s, answer_after(1s, 7)).value(), 7);
  EXPECT_EQ(world.clock.steady_now() - before, 1s);
}

TEST_F(WithDeadline, ErrorInTime_IsTheResult) {
  EXPECT_EQ(run(10s, refuse_after(1s)).error().kind, ErrorKind::refused);
}

TEST_F(WithDeadline, ExceptionInTime_IsThrown) {
  EXPECT_THROW(run(10s, throw_after(1s)), std::logic_error);
}

TEST_F(WithDeadline, NoAnswerInTime_IsATimeoutThatNamesTheOperation) {
  const auto before = world.clock.steady_now();
  const auto result = run(10s, answer_after(1h, 7));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), Error(ErrorKind::timeout, "LOGIN to imap.example.org: no answer in time"));
  EXPECT_EQ(world.clock.steady_now() - before, 10s);
}

TEST_F(WithDeadline, Late_TheTaskHasEndedBeforeTheTimeoutIsTold) {
  EXPECT_EQ(run(1s, when_cancelled([] { return fail(ErrorKind::network, "closed"); })).error().kind, ErrorKind::timeout);
  EXPECT_TRUE(stopped);
}

TEST_F(WithDeadline, LateButDone_TheValueCounts) {
  EXPECT_EQ(run(1s, when_cancelled([] { return Result<int>(3); })).value(), 3);
}

TEST_F(WithDeadline, FailureWhileStopping_IsNotHiddenByTheTimeout) {
  EXPECT_THROW(run(1s, when_cancelled([]() -> Result<int> { throw std::logic_error("a bug"); })), std::logic_error);
}

TEST_F(WithDeadline, CallerCancelled_IsACancellationNotATimeout) {
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  const auto limit = world.clock.steady_now() + 1h;
  asio::co_spawn(world.io, with_deadline(world.clock, limit, "x", answer_after(2h, 1)),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr f, const Result<int>&) { failure = f; }));
  world.drain();
  signal.emit(asio::cancellation_type::terminal);
  world.drain();
  ASSERT_TRUE(failure);
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    EXPECT_TRUE(is_cancellation(error));
  }
}

TEST(RealClock, Sleep_IsNeverEarly) {
  asio::io_context io;
  RealClock clock;
  const auto before = clock.steady_now();
  bool done = false;
  asio::co_spawn(io, clock.sleep(3ms), [&](std::exception_ptr failure) { done = !failure; });
  io.run();
  EXPECT_TRUE(done);
  EXPECT_GE(clock.steady_now() - before, 3ms);
}

TEST(RealClock, TimePassedAlready_DoesNotWait) {
  asio::io_context io;
  RealClock clock;
  bool done = false;
  asio::co_spawn(io, clock.sleep_until(clock.steady_now() - 1h), [&](std::exception_ptr failure) { done = !failure; });
  io.poll();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace mailmirror
