// INTERNALDATE (RFC 3501 §9, date-time).
#include "imap/wire/date_time.hpp"

#include <gtest/gtest.h>

namespace mailmirror::imap::wire {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

TEST(DateTime, Zones_AreTurnedIntoUtc) {
  const auto noon = sys_days(1996y / 7 / 17) + 9h + 44min + 25s;
  EXPECT_EQ(parse_date_time("17-Jul-1996 02:44:25 -0700"), noon);
  EXPECT_EQ(parse_date_time("17-Jul-1996 15:14:25 +0530"), noon);
  EXPECT_EQ(parse_date_time("17-JUL-1996 09:44:25 -0000"), noon);
}

TEST(DateTime, DayOfOneDigit_IsTakenWithSpaceZeroOrNothing) {
  const auto day = sys_days(2020y / 1 / 1) + 0s;
  for (const auto* text : {" 1-Jan-2020 00:00:00 +0000", "01-Jan-2020 00:00:00 +0000", "1-Jan-2020 00:00:00 +0000"})
    EXPECT_EQ(parse_date_time(text), day) << text;
}

TEST(DateTime, LeapSecondAndLeapDay_AreTaken) {
  EXPECT_EQ(parse_date_time("31-Dec-2016 23:59:60 +0000"), sys_days(2017y / 1 / 1) + 0s);
  EXPECT_EQ(parse_date_time("29-Feb-2024 00:00:00 +0000"), sys_days(2024y / 2 / 29) + 0s);
}

TEST(DateTime, WhatDoesntExist_IsNone) {
  for (const auto* text :
       {"", " ", "29-Feb-2023 00:00:00 +0000", "31-Apr-2023 00:00:00 +0000", "00-Jan-2020 00:00:00 +0000",
        "32-Jan-2020 00:00:00 +0000", "1-Foo-2020 00:00:00 +0000", "1-Jan-20 00:00:00 +0000", "1-Jan-12020 00:00:00 +0000",
        "1-Jan-2020 24:00:00 +0000", "1-Jan-2020 00:60:00 +0000", "1-Jan-2020 00:00:61 +0000", "1-Jan-2020 00:00:00 +1500",
        "1-Jan-2020 00:00:00 +0060", "1-Jan-2020 00:00:00 GMT", "1-Jan-2020 00:00:00", "1-Jan-2020", "1-Jan-2020 00:00:00 +0000 x",
        "-1-Jan-2020 00:00:00 +0000"})
    EXPECT_FALSE(parse_date_time(text)) << text;
}

TEST(DateTime, EveryPrefix_IsNone) {
  const std::string_view whole = "17-Jul-1996 02:44:25 -0700";
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_date_time(whole.substr(0, size))) << size;
}

TEST(DateTime, Formatted_IsUtc) {
  EXPECT_EQ(format_date_time(sys_days(1996y / 7 / 17) + 9h + 44min + 25s), "17-Jul-1996 09:44:25 +0000");
  EXPECT_EQ(format_date_time(sys_seconds(-1s)), "31-Dec-1969 23:59:59 +0000");
}

TEST(DateTime, YearsThatTheFormCantSay_AreMovedToItsEnds) {
  EXPECT_EQ(format_date_time(sys_seconds::max()), "31-Dec-9999 23:59:59 +0000");
  EXPECT_EQ(format_date_time(sys_seconds::min()), "01-Jan-0000 00:00:00 +0000");
}

TEST(DateTime, AnySecond_ComesBack) {
  for (auto when = sys_seconds(sys_days(1y / 1 / 1)); when < sys_days(9999y / 1 / 1); when += std::chrono::days(3653) + 7919s)
    EXPECT_EQ(parse_date_time(format_date_time(when)), when);
}

}  // namespace
}  // namespace mailmirror::imap::wire
