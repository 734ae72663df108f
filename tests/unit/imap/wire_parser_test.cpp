// How bytes are cut must not matter, and no server can make the parser hold more than its bounds.
#include "tests/unit/imap/wire_support.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <string>

namespace mailmirror::imap::wire {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kConversation =
    "* OK [CAPABILITY IMAP4rev1] ready\r\n"
    "+ go on\r\n"
    "* LIST () \"/\" {3}\r\na b\r\n"
    "* 1 FETCH (UID 7 BODY[] {13}\r\nline\r\n* x{3}\r FLAGS (\\Seen))\r\n"
    "* 2 FETCH (BODY[] \"short\" UID 8)\r\n"
    "* 3 FETCH (BODY[HEADER.FIELDS (DATE)] {4}\r\n\r\n\r\n UID 9 BODY[] {0}\r\n)\r\n"
    "* VANISHED (EARLIER) 1:3\r\n"
    "A1 OK done\r\n";

TEST(Parser, AnyTwoPieces_GiveTheSameEvents) {
  const auto whole = parse_at_once(kConversation);
  ASSERT_EQ(whole.error, "");
  ASSERT_EQ(whole.events.size(), 11U);
  for (std::size_t cut = 0; cut <= kConversation.size(); ++cut)
    EXPECT_EQ(parse_cut_at(kConversation, {cut}), whole) << "cut at " << cut;
}

TEST(Parser, SingleOctets_GiveTheSameEvents) {
  EXPECT_EQ(parse_by_octets(kConversation), parse_at_once(kConversation));
}

TEST(Parser, EveryTruncation_IsIncompleteAndNoError) {
  const auto whole = parse_at_once(kConversation);
  for (std::size_t size = 0; size < kConversation.size(); ++size) {
    const auto outcome = parse_at_once(kConversation.substr(0, size));
    EXPECT_EQ(outcome.error, "") << size;
    EXPECT_LT(outcome.events.size(), whole.events.size()) << size;
  }
}

TEST(Parser, EveryDamagedOctet_IsEventsOrAnError) {
  std::string damaged(kConversation);
  for (std::size_t at = 0; at < damaged.size(); ++at) {
    for (const char c : {'\0', '\n', ')', '"', '}'}) {
      damaged[at] = c;
      EXPECT_EQ(parse_by_octets(damaged), parse_at_once(damaged)) << at << " is " << static_cast<int>(c);
    }
    damaged[at] = kConversation[at];
  }
}

TEST(Parser, BodyBytes_AreHandedOnWithoutWaitingForTheRest) {
  const auto outcome = parse_at_once("* 1 FETCH (BODY[] {4294967295}\r\nfirst");
  EXPECT_TRUE(outcome.incomplete);
  EXPECT_EQ(outcome.error, "");
}

TEST(Parser, AfterAnError_StaysWithIt) {
  EXPECT_THAT(parse_at_once("nonsense\r\nA1 OK x\r\n").events, IsEmpty());
}

TEST(Parser, Buffered_TellsWhatWasntTaken) {
  ResponseParser parser;
  const std::string_view bytes = "A1 OK begin TLS\r\n* OK injected";
  std::memcpy(parser.prepare(bytes.size()).data(), bytes.data(), bytes.size());
  parser.commit(bytes.size());
  ASSERT_TRUE(parser.next());
  EXPECT_EQ(parser.buffered(), std::string_view("* OK injected").size());
}

TEST(Bounds, LineWithoutEnd_IsAnError) {
  const Limits limits{.memory = 300};
  EXPECT_EQ(parse_by_octets("* OK " + std::string(100, 'x') + "\r\n", limits).error, "");
  EXPECT_THAT(parse_by_octets("* OK " + std::string(296, 'x'), limits).error, HasSubstr("too large"));
  EXPECT_THAT(parse_at_once("* OK " + std::string(300, 'x') + "\r\n", limits).error, HasSubstr("too large"));
}

TEST(Bounds, LiteralAboveItsBound_IsAnErrorBeforeItsBytesCome) {
  for (const auto* size : {"1048577", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
                           "18446744073709551616", "99999999999999999999999999999999999999"}) {
    const auto head = std::string("{") + size + "}\r\n";
    EXPECT_THAT(parse_at_once("* LIST () NIL " + head).error, HasSubstr("too large")) << size;
    EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[HEADER] " + head).error, HasSubstr("too large")) << size;
  }
}

TEST(Bounds, BodyAbove63Bits_IsAnError) {
  EXPECT_EQ(parse_at_once("* 1 FETCH (BODY[] {9223372036854775807}\r\n").error, "");
  for (const auto* size : {"9223372036854775808", "18446744073709551615", "18446744073709551617", "99999999999999999999999"})
    EXPECT_THAT(parse_at_once(std::string("* 1 FETCH (BODY[] {") + size + "}\r\n").error, HasSubstr("impossible size")) << size;
}

TEST(Bounds, SizeThatIsNone_IsNoLiteral) {
  for (const auto* size : {"-1", "", "0x5", "1 ", "+", "5++", "1e3"}) {
    const auto outcome = parse_at_once(std::string("* 1 FETCH (BODY[] {") + size + "}\r\n");
    EXPECT_NE(outcome.error, "") << size;
    EXPECT_THAT(outcome.events, IsEmpty());
  }
}

TEST(Bounds, ManyLiterals_AreBoundTogether) {
  const Limits limits{.memory = 1000};
  std::string response = "* X";
  for (int n = 0; n < 20; ++n) response += " {100}\r\n" + std::string(100, 'x');
  EXPECT_THAT(parse_at_once(response + "\r\n", limits).error, HasSubstr("too large"));
}

TEST(Bounds, DeepNesting_IsAnErrorAndNoRecursion) {
  for (const auto* start : {"* 1 FETCH (X ", "* 1 FETCH (FLAGS (", "* LIST () NIL a (X ", "* STATUS a (X "})
    EXPECT_THAT(parse_at_once(start + std::string(100'000, '(') + "\r\n").error, HasSubstr("nested")) << start;
  EXPECT_NE(parse_at_once("* 1 FETCH " + std::string(100'000, '(') + "\r\n").error, "");
  EXPECT_EQ(parse_at_once("* 1 FETCH (X " + std::string(60, '(') + std::string(60, ')') + ")\r\n").error, "");
}

/// A response of `count` literals of one octet each, near the bound: work must not grow with its square.
TEST(Bounds, ManyTinyLiterals_TakeLinearTime) {
  std::string response = "* 1 FETCH (X (";
  for (int n = 0; n < 50'000; ++n) response += "BODY[1] {1}\r\nx ";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parse_at_once(response + "))\r\n").error, "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace mailmirror::imap::wire
