#include "store/watch/settle.hpp"

#include <gtest/gtest.h>

namespace mailmirror::store {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};

TEST(Settle, NothingHappened_NothingIsDue) {
  Settle settle;
  EXPECT_FALSE(settle.due());
  EXPECT_FALSE(settle.take(kStart + 100h));
}

TEST(Settle, OneChange_IsDueAfterTheQuietTime) {
  Settle settle;
  settle.happened(kStart);
  EXPECT_EQ(settle.due(), kStart + 200ms);
  EXPECT_FALSE(settle.take(kStart + 199ms));
  EXPECT_TRUE(settle.take(kStart + 200ms));
}

TEST(Settle, FurtherChange_BeginsTheQuietTimeAnew) {
  Settle settle;
  settle.happened(kStart);
  settle.happened(kStart + 150ms);
  EXPECT_FALSE(settle.take(kStart + 200ms));
  EXPECT_TRUE(settle.take(kStart + 350ms));
}

TEST(Settle, ChangesWithoutEnd_AreDueAfterTheMostTime) {
  Settle settle;
  auto now = kStart;
  for (; now < kStart + 2s; now += 100ms) {
    settle.happened(now);
    ASSERT_FALSE(settle.take(now));
  }
  EXPECT_EQ(settle.due(), kStart + 2s);
  EXPECT_TRUE(settle.take(now));
}

TEST(Settle, Taken_IsGivenOnceAndGathersAnew) {
  Settle settle;
  settle.happened(kStart);
  EXPECT_TRUE(settle.take(kStart + 1s));
  EXPECT_FALSE(settle.take(kStart + 1s));
  EXPECT_FALSE(settle.due());
  settle.happened(kStart + 5s);
  EXPECT_EQ(settle.due(), kStart + 5200ms);
}

TEST(Settle, OtherTimes_AreKept) {
  Settle settle({.quiet = 10s, .most = 15s});
  settle.happened(kStart);
  EXPECT_EQ(settle.due(), kStart + 10s);
  settle.happened(kStart + 9s);
  EXPECT_EQ(settle.due(), kStart + 15s);
}

}  // namespace
}  // namespace mailmirror::store
