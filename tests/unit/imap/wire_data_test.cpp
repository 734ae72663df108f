// Untagged data other than FETCH (RFC 3501 §7.2, §7.3; RFC 2342, 2971, 4731, 5161, 7162, 8474).
#include "tests/unit/imap/wire_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::wire {
namespace {

using testing::StartsWith;

TEST(Data, Capability_IsUpperCase) {
  EXPECT_EQ(parsed("* CAPABILITY IMAP4rev1 starttls AUTH=GSSAPI \r\n"), "capability IMAP4REV1 STARTTLS AUTH=GSSAPI");
}

TEST(Data, Enabled_MayBeEmpty) {
  EXPECT_EQ(parsed("* ENABLED qresync CONDSTORE\r\n"), "enabled QRESYNC CONDSTORE");
  EXPECT_EQ(parsed("* ENABLED\r\n"), "enabled ");
}

TEST(Data, Counts_AreTaken) {
  EXPECT_EQ(parsed("* 23 EXISTS\r\n"), "exists 23");
  EXPECT_EQ(parsed("* 5 Recent\r\n"), "recent 5");
  EXPECT_EQ(parsed("* 44 EXPUNGE\r\n"), "expunge 44");
  EXPECT_EQ(parsed("*  4294967295  EXISTS \r\n"), "exists 4294967295");
}

TEST(Data, CountAbove32Bits_IsAnError) {
  EXPECT_THAT(parsed("* 4294967296 EXISTS\r\n"), StartsWith("error: "));
  EXPECT_THAT(parsed("* 18446744073709551616 EXPUNGE\r\n"), StartsWith("error: "));
}

TEST(Data, Flags_KnowsKeywords) {
  EXPECT_EQ(parsed("* FLAGS (\\Answered \\Seen $Forwarded work)\r\n"), "flags (\\Seen \\Answered $Forwarded work)");
}

TEST(Data, FlagsInExtraParentheses_AreTaken) {
  EXPECT_EQ(parsed("* FLAGS (\\Seen (\\Draft junk) $label1)\r\n"), "flags (\\Seen \\Draft $label1 junk)");
}

TEST(List, Item_TellsAttributesDelimiterAndName) {
  EXPECT_EQ(parsed("* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent Mail\"\r\n"),
            "list (\\hasnochildren \\sent) delimiter=/ name=Sent Mail");
  EXPECT_EQ(parsed("* LIST () \".\" foo.bar\r\n"), "list () delimiter=. name=foo.bar");
}

TEST(List, Delimiter_MayBeNilOrABackslash) {
  EXPECT_EQ(parsed("* LIST (\\Noinferiors) NIL INBOX\r\n"), "list (\\noinferiors) name=INBOX");
  EXPECT_EQ(parsed("* LIST () \"\\\\\" \"a\\\\b\"\r\n"), "list () delimiter=\\ name=a\\b");
  EXPECT_EQ(parsed("* LIST () \"\\\" \"Name\"\r\n"), "list () delimiter=\\ name=Name");
}

TEST(List, InboxInAnyCase_IsINBOX) {
  EXPECT_EQ(parsed("* LIST () \"/\" Inbox\r\n"), "list () delimiter=/ name=INBOX");
  EXPECT_EQ(parsed("* LIST () \"/\" inbox/Sub\r\n"), "list () delimiter=/ name=INBOX/Sub");
  EXPECT_EQ(parsed("* LIST () \"/\" inboxes\r\n"), "list () delimiter=/ name=inboxes");
}

TEST(List, Name_IsDecoded) {
  EXPECT_EQ(parsed("* LIST () \"/\" \"Entw&APw-rfe\"\r\n"), "list () delimiter=/ name=Entw\u00fcrfe");
  EXPECT_EQ(parsed("* LIST () \"/\" {12}\r\nEntw&APw-rfe\r\n"), "list () delimiter=/ name=Entw\u00fcrfe");
}

TEST(List, NameThatDoesntDecode_IsToldAndMarked) {
  EXPECT_EQ(parsed("* LIST () \"/\" R&D\r\n"), "list () delimiter=/ name=R&D inexact");
  EXPECT_EQ(parsed("* LIST () \"/\" \"M\xc3\xbcll\"\r\n"), "list () delimiter=/ name=M\u00fcll inexact");
  EXPECT_EQ(parsed("* LIST () \"/\" \"M\xfcll\"\r\n"), "list () delimiter=/ name=M\ufffdll inexact");
}

TEST(List, NameWithSpacesOutsideOfQuotes_IsAnError) {
  EXPECT_THAT(parsed("* LIST () \"/\" foo bar\r\n"), StartsWith("error: "));
}

TEST(List, Extensions_GiveTheOldName) {
  EXPECT_EQ(parsed("* LIST () \"/\" new (\"CHILDINFO\" (\"SUBSCRIBED\") OLDNAME (\"old\"))\r\n"),
            "list () delimiter=/ name=new old=old");
}

TEST(List, LsubAndXlist_AreTold) {
  EXPECT_EQ(parsed("* LSUB () \"/\" a\r\n"), "lsub () delimiter=/ name=a");
  EXPECT_EQ(parsed("* XLIST (\\Inbox) \"/\" a\r\n"), "list (\\inbox) delimiter=/ name=a");
}

TEST(List, HalfAnItem_IsAnError) {
  for (const auto* line : {"* LIST\r\n", "* LIST (\\Sent\r\n", "* LIST ()\r\n", "* LIST () \"/\"\r\n", "* LIST () \"/\" \"a\r\n"})
    EXPECT_THAT(parsed(line), StartsWith("error: ")) << line;
}

TEST(MailboxStatusData, Items_AreTaken) {
  EXPECT_EQ(parsed("* STATUS \"A b\" (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 7 UNSEEN 0 HIGHESTMODSEQ 715 SIZE 5000000000 "
                   "MAILBOXID (F2))\r\n"),
            "status A b messages=231 uidnext=44292 uidvalidity=7 unseen=0 modseq=715 size=5000000000 id=F2");
  EXPECT_EQ(parsed("* STATUS INBOX ()\r\n"), "status INBOX");
}

TEST(MailboxStatusData, UnknownItems_AreSkipped) {
  EXPECT_EQ(parsed("* STATUS inbox (APPENDLIMIT NIL X (1 (2 \"3)\")) MESSAGES 4 )\r\n"), "status INBOX messages=4");
}

TEST(MailboxStatusData, HalfAnAnswer_IsAnError) {
  for (const auto* line :
       {"* STATUS a\r\n", "* STATUS a (MESSAGES\r\n", "* STATUS a (MESSAGES x)\r\n", "* STATUS a (UIDNEXT 4294967296)\r\n"})
    EXPECT_THAT(parsed(line), StartsWith("error: ")) << line;
}

TEST(VanishedData, EarlierAndNow_AreToldApart) {
  EXPECT_EQ(parsed("* VANISHED (EARLIER) 41,43:116,118\r\n"), "vanished earlier 41,43:116,118");
  EXPECT_EQ(parsed("* VANISHED 405\r\n"), "vanished 405");
  EXPECT_EQ(parsed("* VANISHED (EARLIER)\r\n"), "vanished earlier ");
}

TEST(VanishedData, Malformed_IsNeverDropped) {
  for (const auto* line : {"* VANISHED x\r\n", "* VANISHED (LATER) 1\r\n", "* VANISHED 1,,2\r\n", "* VANISHED 0\r\n",
                           "* VANISHED 1:*\r\n", "* 5 VANISHED 1:3\r\n"})
    EXPECT_THAT(parsed(line), StartsWith("error: ")) << line;
}

TEST(SearchData, Numbers_AreTaken) {
  EXPECT_EQ(parsed("* SEARCH 2 3  6 \r\n"), "search 2 3 6");
  EXPECT_EQ(parsed("* SEARCH\r\n"), "search ");
  EXPECT_EQ(parsed("* SEARCH 2 5 (MODSEQ 917162500)\r\n"), "search 2 5 modseq=917162500");
  EXPECT_THAT(parsed("* SEARCH 2 x\r\n"), StartsWith("error: "));
}

TEST(EsearchData, Items_AreTaken) {
  EXPECT_EQ(parsed("* ESEARCH (TAG \"A282\") UID MIN 2 COUNT 3 MAX 9 ALL 2,4:9 MODSEQ 12 PARTIAL (1:2 4:5)\r\n"),
            "esearch A282 uid all=2,4:9 partial=4:5 min=2 max=9 count=3 modseq=12");
  EXPECT_EQ(parsed("* ESEARCH\r\n"), "esearch ");
  EXPECT_THAT(parsed("* ESEARCH (TAG \"A\") ALL 2:x\r\n"), StartsWith("error: "));
}

TEST(NamespaceData, ThreeKinds_AreTaken) {
  EXPECT_EQ(parsed("* NAMESPACE ((\"INBOX.\" \".\")(\"\" NIL \"X-PARAM\" (\"a\" \"b\"))) NIL ((\"Shared/\" \"/\"))\r\n"),
            "namespace <INBOX.|.><|0>  <Shared/|/>");
  EXPECT_EQ(parsed("* NAMESPACE \r\n"), "unknown NAMESPACE ");
}

TEST(IdData, Fields_AreTaken) {
  EXPECT_EQ(parsed("* ID (\"name\" \"Dovecot\" \"os\" NIL)\r\n"), "id name=Dovecot os=");
  EXPECT_EQ(parsed("* ID NIL\r\n"), "id");
}

TEST(Data, ImportantInAnotherForm_IsNeverDropped) {
  for (const auto* line : {"* FETCH (UID 1)\r\n", "* EXPUNGE\r\n", "* exists\r\n", "* 3 LIST () NIL a\r\n", "* 3 SEARCH 1\r\n"})
    EXPECT_THAT(parsed(line), StartsWith("error: ")) << line;
}

TEST(Data, QuotaAndItsRoots_AreTaken) {
  EXPECT_EQ(parsed("* QUOTA \"\" (STORAGE 10 512 message 5 1000)\r\n"), "quota '' STORAGE=10/512 MESSAGE=5/1000");
  EXPECT_EQ(parsed("* QUOTAROOT INBOX \"\" #user/me\r\n"), "quotaroots INBOX <><#user/me>");
  EXPECT_EQ(parsed("* QUOTAROOT INBOX\r\n"), "quotaroots INBOX <>");
  EXPECT_EQ(parsed("* QUOTA \"\" (STORAGE much)\r\n"), "unknown QUOTA \"\" (STORAGE much)") << "nothing depends on it";
}

TEST(EsearchData, PageWithoutResults_IsEmpty) {
  EXPECT_EQ(parsed("* ESEARCH (TAG \"A1\") UID PARTIAL (-1:-100 NIL)\r\n"), "esearch A1 uid partial=");
}

TEST(StatusData, AppendLimit_MayBeNil) {
  EXPECT_EQ(parsed("* STATUS INBOX (MESSAGES 3 APPENDLIMIT 1000)\r\n"), "status INBOX messages=3 append_limit=1000");
  EXPECT_EQ(parsed("* STATUS INBOX (APPENDLIMIT NIL MESSAGES 3)\r\n"), "status INBOX messages=3");
}

TEST(Data, WhatNobodyKnows_IsUnknown) {
  EXPECT_EQ(parsed("* ACL INBOX Fred rwipslxetad\r\n"), "unknown ACL INBOX Fred rwipslxetad");
  EXPECT_EQ(parsed("* 5 FROBNICATE now\r\n"), "unknown 5 FROBNICATE now");
  EXPECT_EQ(parsed("* METADATA \"\" (/shared/x {5}\r\na)\r\nb)\r\n"), "unknown METADATA \"\" (/shared/x {5}\r\na)\r\nb)");
}

}  // namespace
}  // namespace mailmirror::imap::wire
