// FETCH: its items, and bodies that stream out of it (RFC 3501 §7.4.2, RFC 7162, 8474, 9586).
#include "tests/unit/imap/wire_support.hpp"

#include <gmock/gmock.h>

#include <string>

namespace mailmirror::imap::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Fetch, Items_AreTaken) {
  EXPECT_EQ(
      parsed("* 12 FETCH (UID 4827313 FLAGS (\\Seen work) MODSEQ (624140003) RFC822.SIZE 44827 "
             "INTERNALDATE \" 1-Jan-1970 00:00:10 +0000\" EMAILID (M6d99) X-GM-MSGID 1278455344230334865)\r\n"),
      "fetch 12 uid=4827313 flags=(\\Seen work) modseq=624140003 size=44827 date=10 email_id=M6d99 gm_msgid=1278455344230334865");
}

TEST(Fetch, ItemsInAnyCaseOrderAndSpacing_AreTaken) {
  EXPECT_EQ(parsed("* 1 fetch ( modseq ( 5 )  flags ()  uid 3 )\r\n"), "fetch 1 uid=3 flags=() modseq=5");
  EXPECT_EQ(parsed("* 1 FETCH ()\r\n"), "fetch 1");
}

TEST(Fetch, UnknownItems_AreSkippedWhateverTheirShape) {
  EXPECT_EQ(
      parsed("* 1 FETCH (ENVELOPE (NIL \"a) UID 9\" ((\"x\" NIL {3}\r\n)\"( \"y\")) NIL) X-GM-LABELS (\\Inbox \"a b\" [Gmail]/x) "
             "BODY (\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 5 1) PREVIEW NIL SAVEDATE \"x\" UID 7)\r\n"),
      "fetch 1 uid=7");
}

TEST(Fetch, UidZero_IsNone) {
  EXPECT_EQ(parsed("* 1 FETCH (UID 0 FLAGS ())\r\n"), "fetch 1 flags=()");
}

TEST(Fetch, ExtraParentheses_AreTaken) {
  EXPECT_EQ(parsed("* 2 FETCH ((FLAGS (\\Seen (\\Deleted junk) $label1)) (UID 10))\r\n"),
            "fetch 2 uid=10 flags=(\\Seen \\Deleted $label1 junk)");
}

TEST(Fetch, DateThatIsNone_IsLeftOut) {
  EXPECT_EQ(parsed("* 1 FETCH (INTERNALDATE \"yesterday\" UID 2)\r\n"), "fetch 1 uid=2");
  EXPECT_EQ(parsed("* 1 FETCH (INTERNALDATE NIL UID 2)\r\n"), "fetch 1 uid=2");
}

TEST(Fetch, Sections_AreNamedByWhatStandsInBrackets) {
  EXPECT_EQ(parsed("* 1 FETCH (BODY[HEADER.FIELDS (Message-Id)] {23}\r\nMessage-Id: <a@b>\r\n\r\n\r\n UID 2)\r\n"),
            "fetch 1 uid=2 HEADER.FIELDS (MESSAGE-ID)=<Message-Id: <a@b>\r\n\r\n\r\n>");
  EXPECT_EQ(parsed("* 1 FETCH (BODY[1.MIME]<0> \"x\" RFC822.HEADER NIL)\r\n"), "fetch 1 1.MIME=<x> RFC822.HEADER=<>");
}

TEST(Fetch, OfAnImpossibleShape_IsAnError) {
  for (const auto* line :
       {"* 1 FETCH\r\n", "* 1 FETCH (\r\n", "* 1 FETCH (UID\r\n", "* 1 FETCH (UID 1\r\n", "* 1 FETCH (UID 4294967296)\r\n",
        "* 1 FETCH (UID -1)\r\n", "* 1 FETCH (FLAGS \\Seen)\r\n", "* 1 FETCH (FLAGS (\\Seen)\r\n",
        "* 1 FETCH (MODSEQ (9223372036854775808))\r\n", "* 1 FETCH (BODY[ \"x\")\r\n",
        "* 1 FETCH (RFC822.SIZE 18446744073709551616)\r\n", "* 1 FETCH (X \"a)\r\n", "* 1 FETCH (])\r\n"})
    EXPECT_THAT(parsed(line), StartsWith("error: ")) << line;
}

TEST(FetchBody, Literal_StreamsBeforeItsFetch) {
  EXPECT_THAT(parse_at_once("* 3 FETCH (UID 7 FLAGS (\\Seen) BODY[] {5}\r\nhello)\r\n").events,
              ElementsAre("body 3 uid=7 size=5 [hello]", "fetch 3 uid=7 flags=(\\Seen) body"));
}

TEST(FetchBody, UidAfterwards_IsInTheFetch) {
  EXPECT_THAT(parse_at_once("* 3 FETCH (BODY[] {5}\r\nhello UID 7)\r\n").events,
              ElementsAre("body 3 size=5 [hello]", "fetch 3 uid=7 body"));
}

TEST(FetchBody, KeywordsThatLookLikeAUid_AreNone) {
  EXPECT_THAT(parse_at_once("* 3 FETCH (FLAGS (UID 8) X \"( UID 9 \" UID 7 BODY[] {1}\r\nx)\r\n").events.front(),
              "body 3 uid=7 size=1 [x]");
}

TEST(FetchBody, AllNamesAndLiteralForms_Stream) {
  for (const auto* item : {"BODY[]", "body[]", "BODY[]<0>", "RFC822"})
    for (const auto* head : {"{2}", "{2+}", "~{2}", " {2}"})
      EXPECT_THAT(parse_at_once(std::string("* 1 FETCH (") + item + ' ' + head + "\r\nhi)\r\n").events,
                  ElementsAre("body 1 size=2 [hi]", "fetch 1 body"))
          << item << head;
}

TEST(FetchBody, QuotedString_IsABodyToo) {
  EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[] \"a\\\"b\" UID 4)\r\n").events,
              ElementsAre("body 1 uid=4 size=3 [a\"b]", "fetch 1 uid=4 body"));
}

TEST(FetchBody, OfNoOctets_IsABody) {
  EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[] {0}\r\n)\r\n").events, ElementsAre("body 1 size=0 []", "fetch 1 body"));
  EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[] \"\")\r\n").events, ElementsAre("body 1 size=0 []", "fetch 1 body"));
}

TEST(FetchBody, NilOrMissing_IsNoBody) {
  EXPECT_EQ(parsed("* 1 FETCH (UID 4 BODY[] NIL)\r\n"), "fetch 1 uid=4");
  EXPECT_EQ(parsed("* 1 FETCH (UID 4 BODY[] )\r\n"), "fetch 1 uid=4");
}

TEST(FetchBody, UidFetch_HasNoSequenceNumber) {
  EXPECT_THAT(parse_at_once("* 25996 UIDFETCH (BODY[] {1}\r\nx FLAGS ())\r\n").events,
              ElementsAre("body 0 uid=25996 size=1 [x]", "fetch 0 uid=25996 flags=() body"));
}

TEST(FetchBody, OtherLiteralsAround_AreHeld) {
  EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[HEADER] {3}\r\na:b BODY[] {2}\r\n)( BODY[TEXT] {1}\r\nc UID 5)\r\n").events,
              ElementsAre("body 1 size=2 [)(]", "fetch 1 uid=5 HEADER=<a:b> TEXT=<c> body"));
}

TEST(FetchBody, BytesThatLookLikeResponses_AreBytes) {
  EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[] {18}\r\n* 1 EXPUNGE\r\nA1 OK)\r\nA1 OK x\r\n").events,
              ElementsAre("body 1 size=18 [* 1 EXPUNGE\r\nA1 OK]", "fetch 1 body", "tagged A1 OK x"));
}

TEST(FetchBody, WithinAList_IsAnError) {
  EXPECT_THAT(parsed("* 1 FETCH (X (BODY[] {2}\r\nhi))\r\n"), StartsWith("error: "));
  EXPECT_THAT(parsed("* 1 FETCH (X \"a BODY[] {2}\r\nhi\")\r\n"), StartsWith("error: "));
}

TEST(FetchBody, Twice_IsAnError) {
  EXPECT_THAT(parse_at_once("* 1 FETCH (BODY[] {2}\r\nhi RFC822 {2}\r\nhi)\r\n").error, HasSubstr("two bodies"));
}

TEST(FetchBody, OutsideOfAFetch_IsALiteral) {
  EXPECT_EQ(parsed("* X (BODY[] {2}\r\nhi)\r\n"), "unknown X (BODY[] {2}\r\nhi)");
}

}  // namespace
}  // namespace mailmirror::imap::wire
