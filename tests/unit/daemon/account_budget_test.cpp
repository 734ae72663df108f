#include "daemon/account/daily_budget.hpp"

#include <gtest/gtest.h>

namespace mailmirror::daemon {
namespace {

SystemTime at(int day, int hour) {
  return SystemTime(std::chrono::days(day) + std::chrono::hours(hour));
}

TEST(DailyBudget, WithoutLimits_IsNeverSpent) {
  DailyBudget budget({}, {});
  budget.note(at(100, 1), 1'000'000'000, 1'000'000'000);
  EXPECT_FALSE(budget.spent(at(100, 1)));
}

TEST(DailyBudget, LimitReached_LastsUntilMidnight) {
  DailyBudget budget({1000, 0}, {});
  budget.note(at(100, 20), 600, 50'000);
  EXPECT_FALSE(budget.spent(at(100, 20)));
  budget.note(at(100, 21), 1000, 60'000);
  const auto error = budget.spent(at(100, 21));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::throttled);
  EXPECT_EQ(error->retry_after, std::chrono::hours(3));
  EXPECT_FALSE(budget.spent(at(101, 0)));
}

TEST(DailyBudget, WhatWasMovedBeforeARestart_Counts) {
  DailyBudget budget({0, 1000}, {100, 5, 900});
  EXPECT_FALSE(budget.spent(at(100, 5)));
  budget.note(at(100, 5), 0, 100);
  EXPECT_TRUE(budget.spent(at(100, 5)));
}

TEST(DailyBudget, NewDay_BeginsAtNothing) {
  DailyBudget budget({1000, 0}, {100, 900, 0});
  budget.note(at(101, 0), 500, 0);
  EXPECT_FALSE(budget.spent(at(101, 0)));
  EXPECT_EQ(budget.traffic(), (store::DailyTraffic{101, 500, 0}));
}

}  // namespace
}  // namespace mailmirror::daemon
