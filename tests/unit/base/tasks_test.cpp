#include "sync/base/event.hpp"
#include "sync/base/task_group.hpp"
#include "sync/base/task_scope.hpp"
#include "tests/unit/imap/world.hpp"

#include <gmock/gmock.h>
#include <boost/asio/bind_cancellation_slot.hpp>

#include <string>

namespace mailmirror {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::World;

struct Tasks : ::testing::Test {
  World world;
  std::vector<std::string> story;

  /// Sleeps, then adds to the story; a cancellation is told there too.
  Task<void> tell(Duration after, std::string what) {
    std::string cancelled = what + " cancelled";
    try {
      co_await world.clock.sleep(after);
    } catch (const boost::system::system_error&) {
      story.push_back(cancelled);
      throw;
    }
    story.push_back(what);
  }
  Task<void> fail_after(Duration after, std::string why) {
    co_await world.clock.sleep(after);
    throw std::runtime_error(why);
  }
  Task<void> wait_for(Event& event, std::string what) {
    co_await event.wait();
    story.push_back(what);
  }

  /// Runs `task` and cancels it after `when`; true if it ended by that cancellation.
  bool cancelled_after(Duration when, Task<void> task) {
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(world.io, std::move(task), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr f) {
                     failure = f;
                     done = true;
                   }));
    world.run(world.clock.sleep(when));
    signal.emit(asio::cancellation_type::terminal);
    world.drain();
    if (!done) ADD_FAILURE() << "the task doesn't stop";
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      return is_cancellation(error);
    }
    return false;
  }
};

TEST_F(Tasks, Event_WakesAllWhoWaitNowAndIsNotRemembered) {
  Event event(world.io.get_executor());
  auto body = [&](TaskGroup& group) -> Task<void> {
    event.notify();
    group.spawn(wait_for(event, "a"));
    group.spawn(wait_for(event, "b"));
    co_await world.clock.sleep(1s);
    story.push_back("notify");
    event.notify();
  };
  world.run(run_in_group(body));
  EXPECT_THAT(story, ElementsAre("notify", "a", "b"));
}

TEST_F(Tasks, EventWaiterCancelled_EndsAsCancelled) {
  Event event(world.io.get_executor());
  EXPECT_TRUE(cancelled_after(1s, wait_for(event, "never")));
  EXPECT_THAT(story, ElementsAre());
}

TEST_F(Tasks, Join_WaitsForAll) {
  auto whole = [&]() -> Task<void> {
    TaskGroup group(world.io.get_executor());
    group.spawn(tell(2s, "later"));
    group.spawn(tell(1s, "first"));
    EXPECT_EQ(group.running(), 2U);
    co_await group.join();
    EXPECT_EQ(group.running(), 0U);
    story.push_back("joined");
  };
  world.run(whole());
  EXPECT_THAT(story, ElementsAre("first", "later", "joined"));
}

TEST_F(Tasks, JoinOfNothing_ReturnsAtOnce) {
  auto whole = [&]() -> Task<void> {
    TaskGroup group(world.io.get_executor());
    co_await group.join();
  };
  world.run(whole());
}

TEST_F(Tasks, OneFails_TheOthersAreCancelledAndJoinThrowsIt) {
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(tell(1s, "done before"));
    group.spawn(tell(1h, "other"));
    group.spawn(fail_after(2s, "broken"));
    co_return;
  };
  try {
    world.run(run_in_group(body));
    FAIL();
  } catch (const std::runtime_error& failure) {
    EXPECT_STREQ(failure.what(), "broken");
  }
  EXPECT_THAT(story, ElementsAre("done before", "other cancelled"));
}

TEST_F(Tasks, TwoFail_TheFirstIsThrown) {
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(fail_after(2s, "second"));
    group.spawn(fail_after(1s, "first"));
    co_return;
  };
  try {
    world.run(run_in_group(body));
    FAIL();
  } catch (const std::runtime_error& failure) {
    EXPECT_STREQ(failure.what(), "first");
  }
}

TEST_F(Tasks, BodyFails_ItsTasksAreCancelled) {
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(tell(1h, "other"));
    co_await world.clock.sleep(1s);
    throw std::runtime_error("body");
  };
  EXPECT_THROW(world.run(run_in_group(body)), std::runtime_error);
  EXPECT_THAT(story, ElementsAre("other cancelled"));
}

TEST_F(Tasks, GroupCancelled_JoinReturnsQuietly) {
  auto whole = [&]() -> Task<void> {
    TaskGroup group(world.io.get_executor());
    group.spawn(tell(1h, "a"));
    group.spawn(tell(1h, "b"));
    co_await world.clock.sleep(1s);
    group.cancel();
    co_await group.join();
    story.push_back("joined");
  };
  world.run(whole());
  EXPECT_THAT(story, ElementsAre("a cancelled", "b cancelled", "joined"));
}

TEST_F(Tasks, JoinerCancelled_ItsTasksEndBeforeItDoes) {
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(tell(1h, "a"));
    co_await tell(2h, "body");
  };
  EXPECT_TRUE(cancelled_after(1s, run_in_group(body)));
  EXPECT_THAT(story, ::testing::UnorderedElementsAre("a cancelled", "body cancelled"));
}

TEST_F(Tasks, JoinerCancelledWhileATaskFails_TheFailureIsNotDropped) {
  auto stubborn = [&]() -> Task<void> {
    try {
      co_await world.clock.sleep(1h);
    } catch (const boost::system::system_error&) {
      throw std::runtime_error("failed while stopping");
    }
  };
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(stubborn());
    co_return;
  };
  EXPECT_THROW(cancelled_after(1s, run_in_group(body)), std::runtime_error);
}

TEST_F(Tasks, TaskThatSpawnsIntoItsGroup_IsWaitedFor) {
  auto body = [&](TaskGroup& group) -> Task<void> {
    auto inner = [&]() -> Task<void> {
      co_await tell(1s, "outer");
      group.spawn(tell(1s, "inner"));
    };
    group.spawn(inner());
    co_await world.clock.sleep(5s);
  };
  world.run(run_in_group(body));
  EXPECT_THAT(story, ElementsAre("outer", "inner"));
}

}  // namespace
}  // namespace mailmirror
