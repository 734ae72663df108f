// Status responses, their codes, and continuation requests (RFC 3501 §7.1, §7.5).
#include "tests/unit/imap/wire_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Status, Tagged_TellsTagConditionAndText) {
  EXPECT_EQ(parsed("A1 OK done\r\n"), "tagged A1 OK done");
  EXPECT_EQ(parsed("A1 NO [TRYCREATE] no such mailbox\r\n"), "tagged A1 NO [TRYCREATE] no such mailbox");
  EXPECT_EQ(parsed("a.2 bad Too long argument\r\n"), "tagged a.2 BAD Too long argument");
  EXPECT_EQ(parsed("A1 OK\r\n"), "tagged A1 OK ");
}

TEST(Status, Untagged_TakesTheFiveConditions) {
  EXPECT_EQ(parsed("* OK ready\r\n"), "OK ready");
  EXPECT_EQ(parsed("* NO disk nearly full\r\n"), "NO disk nearly full");
  EXPECT_EQ(parsed("* BAD what\r\n"), "BAD what");
  EXPECT_EQ(parsed("* PREAUTH hello\r\n"), "PREAUTH hello");
  EXPECT_EQ(parsed("* BYE [UNAVAILABLE] later\r\n"), "BYE [UNAVAILABLE] later");
}

TEST(Status, LineThatIsNoResponse_IsAnError) {
  for (const auto* line : {"HTTP/1.1 400 Bad Request\r\n", "220 smtp ready\r\n", "A1 MAYBE\r\n", "A1 \r\n", " OK\r\n", "OK\r\n"})
    EXPECT_THAT(parsed(line), HasSubstr("error: ")) << line;
}

TEST(Status, ErrorsWords_DontShowWhatTheServerSent) {
  EXPECT_THAT(parsed("Dear Ann, my secret is 1234\r\n"), Not(HasSubstr("secret")));
  EXPECT_THAT(parsed("* 1 FETCH (UID secret)\r\n"), Not(HasSubstr("secret")));
}

TEST(Status, TextThatEndsLikeALiteral_IsText) {
  EXPECT_EQ(parsed("* OK {1024}\r\n"), "OK {1024}");
  EXPECT_EQ(parsed("A1 NO see {7}\r\n"), "tagged A1 NO see {7}");
  EXPECT_EQ(parsed("*  BYE see {7}\r\n"), "BYE see {7}");
  EXPECT_EQ(parsed("+ {3}\r\n"), "continue {3}");
}

TEST(Status, LineEnds_ArePatientlyTaken) {
  EXPECT_EQ(parsed("* OK a\n"), "OK a");
  EXPECT_EQ(parsed("* OK a\r\r\n"), "OK a");
  EXPECT_EQ(parsed("\r\n* OK a\r\n\r\n"), "OK a");
}

TEST(Continuation, WithAndWithoutText_Arrives) {
  EXPECT_EQ(parsed("+ idling\r\n"), "continue idling");
  EXPECT_EQ(parsed("+ \r\n"), "continue ");
  EXPECT_EQ(parsed("+\r\n"), "continue ");
  EXPECT_EQ(parsed("+ PDE4OTYu\r\n"), "continue PDE4OTYu");
}

TEST(ResponseCode, Numbers_AreNumbers) {
  EXPECT_EQ(parsed("* OK [UIDVALIDITY 3857529045] UIDs valid\r\n"), "OK [UIDVALIDITY 3857529045] UIDs valid");
  EXPECT_EQ(parsed("* OK [UIDNEXT 4392] x\r\n"), "OK [UIDNEXT 4392] x");
  EXPECT_EQ(parsed("* OK [HIGHESTMODSEQ 9223372036854775807] x\r\n"), "OK [HIGHESTMODSEQ 9223372036854775807] x");
  EXPECT_EQ(std::get<std::uint64_t>(the<UntaggedStatus>("* OK [UNSEEN 12] x\r\n").code->value), 12U);
}

TEST(ResponseCode, NumberThatIsNone_IsLeftToTheText) {
  const auto status = the<UntaggedStatus>("* OK [UIDNEXT 99999999999999999999999] x\r\n");
  EXPECT_FALSE(status.code);
  EXPECT_EQ(status.text, "[UIDNEXT 99999999999999999999999] x");
}

TEST(ResponseCode, Capability_HasUpperCaseNames) {
  EXPECT_EQ(parsed("* OK [CAPABILITY IMAP4rev1  Idle AUTH=Plain] hi\r\n"), "OK [CAPABILITY IMAP4REV1 IDLE AUTH=PLAIN] hi");
}

TEST(ResponseCode, PermanentFlags_TakesBracketsInKeywords) {
  EXPECT_EQ(parsed("* OK [PERMANENTFLAGS (\\Deleted [css3-page] \\*)] ok\r\n"),
            "OK [PERMANENTFLAGS (\\Deleted [css3-page]) any] ok");
  EXPECT_EQ(parsed("* OK [PERMANENTFLAGS ()] none\r\n"), "OK [PERMANENTFLAGS ()] none");
}

TEST(ResponseCode, AppendUid_TakesSets) {
  EXPECT_EQ(parsed("A1 OK [APPENDUID 38505 3955] done\r\n"), "tagged A1 OK [APPENDUID 38505 3955] done");
  EXPECT_EQ(parsed("A1 OK [APPENDUID 38505 3955:3957,9] done\r\n"), "tagged A1 OK [APPENDUID 38505 9,3955:3957] done");
}

TEST(ResponseCode, CopyUid_KeepsTheOrderThatPairsItsSets) {
  const auto status = the<TaggedStatus>("A1 OK [COPYUID 38505 304,319:320,7 3956:3958,1] Done\r\n");
  const auto copy = std::get<CopyUid>(status.code->value);
  EXPECT_EQ(copy.uid_validity, UidValidity{38505});
  EXPECT_THAT(copy.from, ElementsAre(Uid{304}, Uid{319}, Uid{320}, Uid{7}));
  EXPECT_THAT(copy.to, ElementsAre(Uid{3956}, Uid{3957}, Uid{3958}, Uid{1}));
}

TEST(ResponseCode, CopyUidWithEmptySets_IsEmpty) {
  for (const auto* line : {"A1 OK [COPYUID 5  ] x\r\n", "A1 OK [COPYUID 5] x\r\n"}) {
    const auto copy = std::get<CopyUid>(the<TaggedStatus>(line).code->value);
    EXPECT_TRUE(copy.from.empty() && copy.to.empty());
  }
}

TEST(ResponseCode, CopyUidOfBillions_IsntSpreadOut) {
  const auto status = the<TaggedStatus>("A1 OK [COPYUID 5 1:4294967295 1:4294967295] x\r\n");
  EXPECT_TRUE(std::get<CopyUid>(status.code->value).from.empty());
}

TEST(ResponseCode, MessageLimit_TellsWhereItStopped) {
  EXPECT_EQ(parsed("A1 OK [MESSAGELIMIT 1000 23221] x\r\n"), "tagged A1 OK [MESSAGELIMIT 1000 lowest=23221] x");
  EXPECT_EQ(parsed("A1 NO [MESSAGELIMIT 1000] x\r\n"), "tagged A1 NO [MESSAGELIMIT 1000] x");
}

TEST(ResponseCode, InProgress_TellsHowFar) {
  EXPECT_EQ(parsed("* OK [INPROGRESS (\"A1\" 454 1000)] x\r\n"), "OK [INPROGRESS A1 done=454 goal=1000] x");
  EXPECT_EQ(parsed("* OK [INPROGRESS (\"A1\" 454 NIL)] x\r\n"), "OK [INPROGRESS A1 done=454] x");
  EXPECT_EQ(parsed("* OK [INPROGRESS (NIL NIL NIL)] x\r\n"), "OK [INPROGRESS ] x");
  EXPECT_EQ(parsed("* OK [INPROGRESS] x\r\n"), "OK [INPROGRESS ] x");
}

TEST(ResponseCode, UnknownOne_IsText) {
  EXPECT_EQ(parsed("A1 NO [BADCHARSET (utf-8 latin1)] x\r\n"), "tagged A1 NO [BADCHARSET '(utf-8 latin1)'] x");
  EXPECT_EQ(parsed("* OK [Alert] Going down\r\n"), "OK [ALERT] Going down");
  EXPECT_EQ(parsed("* OK [MAILBOXID (F2212)] x\r\n"), "OK [MAILBOXID '(F2212)'] x");
}

TEST(ResponseCode, WithoutItsEnd_IsText) {
  EXPECT_EQ(parsed("A1 NO [XFOO busy\r\n"), "tagged A1 NO [XFOO busy");
}

}  // namespace
}  // namespace mailmirror::imap::wire
