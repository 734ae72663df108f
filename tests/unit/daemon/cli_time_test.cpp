// Times of the past, as people write them.
#include "cli/time_words.hpp"
#include "daemon/control/times.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace mailmirror::cli {
namespace {

using namespace std::chrono_literals;
using daemon::control::to_iso;
using Time = std::chrono::system_clock::time_point;

/// 2026-11-23 12:34:56 UTC, told in Berlin (an hour ahead).
class PastTime : public ::testing::Test {
 protected:
  PastTime() { zone("Europe/Berlin"); }
  ~PastTime() override { zone("UTC"); }
  static void zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  [[nodiscard]] std::string read(const std::string& text) const {
    const auto time = past_time(text, now);
    return time ? to_iso(*time) : "";
  }
  const Time now{1'795'437'296s};
};

TEST_F(PastTime, SoLongAgo) {
  EXPECT_EQ(read("0s"), "2026-11-23T12:34:56Z");
  EXPECT_EQ(read("90s"), "2026-11-23T12:33:26Z");
  EXPECT_EQ(read("2h"), "2026-11-23T10:34:56Z");
  EXPECT_EQ(read("3d"), "2026-11-20T12:34:56Z");
  EXPECT_EQ(read("1w"), "2026-11-16T12:34:56Z");
}

TEST_F(PastTime, DaysBeginHere) {
  EXPECT_EQ(read("today"), "2026-11-22T23:00:00Z");
  EXPECT_EQ(read("yesterday"), "2026-11-21T23:00:00Z");
  EXPECT_EQ(read("2026-11-20"), "2026-11-19T23:00:00Z");
}

TEST_F(PastTime, DatesAndTimes) {
  EXPECT_EQ(read("2026-11-23T10:00"), "2026-11-23T09:00:00Z");
  EXPECT_EQ(read("2026-11-23 10:00:30"), "2026-11-23T09:00:30Z");
  EXPECT_EQ(read("2026-11-23T10:00Z"), "2026-11-23T10:00:00Z");
  EXPECT_EQ(read("2026-07-01T10:00"), "2026-07-01T08:00:00Z") << "summer time";
}

TEST_F(PastTime, AllElse_IsNone) {
  for (const char* text : {"", "soon", "2", "h", "-2h", "2hours", "2026-02-30", "2026-13-01", "2026-11-23T10:00x", "2027-01-01", "tomorrow",
                           "99999999999999999999d", "9999999999999999w"})
    EXPECT_EQ(read(text), "") << text;
}

}  // namespace
}  // namespace mailmirror::cli
