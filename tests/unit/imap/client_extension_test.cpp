// Extensions that no server at hand has, or that change a conversation as a whole: each by a trace.
#include "imap/client/extension/move.hpp"
#include "imap/client/extension/multi_append.hpp"
#include "imap/client/extension/namespaces.hpp"
#include "imap/client/extension/quota.hpp"
#include "imap/client/fetch.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/search.hpp"
#include "tests/unit/imap/script.hpp"
#include "tests/unit/imap/text_source.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

UidSet set(std::string_view text) {
  return UidSet::parse(text).value();
}

// ENABLE.

TEST(Enable, AllThatIsUsed_IsSwitchedOnAtOnce) {
  auto act = [](Session& session) -> Task<Result<void>> {
    for (const auto extension : {Extension::qresync, Extension::condstore, Extension::utf8_accept, Extension::uidonly})
      EXPECT_TRUE(session.enabled(extension)) << to_string(extension);
    EXPECT_FALSE(session.enabled(Extension::imap4rev2)) << "it was asked for, but the server didn't say so";
    co_return ok();
  };
  expect_conversation(login_script("ENABLE CONDSTORE QRESYNC UTF8=ACCEPT IMAP4rev2 UIDONLY") +
                          "C: m3 ENABLE QRESYNC UTF8=ACCEPT IMAP4REV2 UIDONLY\n"
                          "S: * ENABLED QRESYNC UTF8=ACCEPT UIDONLY\nS: m3 OK\n",
                      act);
}

TEST(Enable, WhatTheUserDisabled_IsNotAskedFor) {
  auto options = plain_options();
  options.disabled_extensions = {"qresync", "UTF8=ACCEPT", "compress"};
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_FALSE(session.capabilities().has(Extension::qresync));
    EXPECT_FALSE(session.capabilities().has(Extension::compress_deflate));
    co_return ok();
  };
  expect_conversation(login_script("ENABLE CONDSTORE QRESYNC UTF8=ACCEPT COMPRESS=DEFLATE") +
                          "C: m3 ENABLE CONDSTORE\nS: * ENABLED CONDSTORE\nS: m3 OK\n",
                      act, options);
}

TEST(Imap4Rev2, SwitchedOn_BringsItsBundleAndNamesInUtf8) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.capabilities().has(Extension::move));
    EXPECT_TRUE(session.capabilities().has(Extension::uidplus));
    EXPECT_FALSE(session.capabilities().has(Extension::unselect)) << "switched off by the user";
    auto mailboxes = co_await list_mailboxes(session, StatusItems::none);
    MAILMIRROR_CO_TRY(mailboxes);
    EXPECT_EQ(mailboxes->size(), 2U);
    EXPECT_EQ(mailboxes->at(0).name.utf8(), "Entwürfe");
    EXPECT_EQ(mailboxes->at(1).name.utf8(), "a&AOQ-b") << "it looks like modified UTF-7, but that is over";
    const auto created = co_await create_mailbox(session, MailboxName("台北"));
    MAILMIRROR_CO_TRY(created);
    co_return ok();
  };
  auto options = plain_options();
  options.disabled_extensions = {"UNSELECT"};
  expect_conversation(login_script("IMAP4rev2 ENABLE") +
                          "C: m3 ENABLE IMAP4REV2\nS: * ENABLED IMAP4rev2\nS: m3 OK\n"
                          "C: m4 LIST \"\" \"*\" RETURN (SPECIAL-USE)\n"
                          "S: * LIST () \"/\" \"Entwürfe\"\nS: * LIST () \"/\" \"a&AOQ-b\"\nS: m4 OK\n"
                          "C: m5 CREATE \"台北\"\nS: m5 OK\nC: m6 SUBSCRIBE \"台北\"\nS: m6 OK\n",
                      act, options);
}

TEST(UidOnly, Answers_NameMessagesByUid) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_flags(session, set("25:26"), std::nullopt);
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).uid, Uid{25});
    EXPECT_EQ(found->at(1).flags.to_string(), "\\Seen");
    co_return ok();
  };
  expect_conversation(login_script("ENABLE UIDONLY") +
                          "C: m3 ENABLE UIDONLY\nS: * ENABLED UIDONLY\nS: m3 OK\n"
                          "C: m4 UID FETCH 25:26 (UID FLAGS)\n"
                          "S: * 25 UIDFETCH (FLAGS ())\nS: * 26 UIDFETCH (FLAGS (\\Seen))\nS: m4 OK\n",
                      act);
}

// Limits.

TEST(MessageLimit, WhatIsLeftOver_IsAskedForInFurtherCommands) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_summaries(session, set("10:19"));
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->size(), 3U);
    co_return ok();
  };
  const auto answer = [](int uid) {
    const auto n = std::to_string(uid);
    return "S: * 1 FETCH (UID " + n + " FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 3 BODY[HEADER.FIELDS (MESSAGE-ID)] \"\")\n";
  };
  const std::string items = " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])\n";
  expect_conversation(login_script("") + "C: m3 UID FETCH 10:19" + items + answer(19) + answer(15) +
                          "S: m3 OK [MESSAGELIMIT 2 15] partial results\n"
                          "C: m4 UID FETCH 10:14" +
                          items + answer(11) + "S: m4 OK done\n",
                      act);
}

TEST(MessageLimit, SearchThatStoppedEarly_GoesOnBelow) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await search_deleted_uids(session);
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->to_string(), "3,70");
    co_return ok();
  };
  expect_conversation(login_script("MESSAGELIMIT=1000") +
                          "C: m3 UID SEARCH DELETED\nS: * SEARCH 70\nS: m3 OK [MESSAGELIMIT 1000 51] partial\n"
                          "C: m4 UID SEARCH UID 1:50 DELETED\nS: * SEARCH 3\nS: m4 OK\n",
                      act);
}

TEST(MessageLimit, UidThatExplainsNothing_IsNoEndlessLoop) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto done = co_await fetch_flags(session, set("1:5"), std::nullopt);
    MAILMIRROR_CO_TRY(done);
    co_return ok();
  };
  const auto error = expect_failure(
      login_script("") + "C: m3 UID FETCH 1:5 (UID FLAGS)\nS: m3 NO [MESSAGELIMIT 2 900] too many\n", act);
  EXPECT_EQ(error.kind, ErrorKind::refused);
}

TEST(Partial, WhereMessagesAreLimited_TheListingComesByPages) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await search_all_uids(session);
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->to_string(), "1:3,8:9");
    co_return ok();
  };
  expect_conversation(login_script("ESEARCH PARTIAL MESSAGELIMIT=3") +
                          "C: m3 UID SEARCH RETURN (PARTIAL 1:3) ALL\nS: * ESEARCH (TAG \"m3\") UID PARTIAL (1:3 1:3)\nS: m3 OK\n"
                          "C: m4 UID SEARCH RETURN (PARTIAL 4:6) ALL\nS: * ESEARCH (TAG \"m4\") UID PARTIAL (4:6 8:9)\nS: m4 OK\n",
                      act);
}

TEST(CommandLimit, TooLong_IsHalvedAndRemembered) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto done = co_await fetch_flags(session, set("1,3,5,7"), std::nullopt);
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(done->size(), 2U);
    EXPECT_LT(session.limits().octets, 8000U);
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 UID FETCH 1,3,5,7 (UID FLAGS)\nS: m3 BAD Error in IMAP command: Too long argument\n"
                          "C: m4 UID FETCH 1,3 (UID FLAGS)\nC: m5 UID FETCH 5,7 (UID FLAGS)\n"
                          "S: * 1 FETCH (UID 1 FLAGS ())\nS: m4 OK\nS: * 4 FETCH (UID 7 FLAGS ())\nS: m5 OK\n",
                      act);
}

TEST(CommandLimit, OneMessageThatIsTooLong_IsAnError) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto done = co_await fetch_flags(session, set("7"), std::nullopt);
    MAILMIRROR_CO_TRY(done);
    co_return ok();
  };
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 UID FETCH 7 (UID FLAGS)\nS: m3 BAD Too long argument\n", act).kind,
            ErrorKind::rejected);
}

// Moving.

TEST(Move, CopyuidInAnUntaggedOk_PairsTheUids) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto moved = co_await move_messages(session, set("42:43,69"), MailboxName("foo"));
    MAILMIRROR_CO_TRY(moved);
    EXPECT_EQ(moved->uid_validity, UidValidity{432432});
    EXPECT_EQ(moved->pairs.size(), 3U);
    EXPECT_EQ(moved->pairs[2].from, Uid{69});
    EXPECT_EQ(moved->pairs[2].to, Uid{1204});
    co_return ok();
  };
  expect_conversation(login_script("MOVE UIDPLUS") +
                          "C: m3 UID MOVE 42:43,69 \"foo\"\n"
                          "S: * OK [COPYUID 432432 42:43,69 1202:1204]\nS: * 22 EXPUNGE\nS: m3 OK Done\n",
                      act);
}

TEST(Move, EmptyCopyuid_MovesWithoutPairs) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto moved = co_await move_messages(session, set("5"), MailboxName("Trash"));
    MAILMIRROR_CO_TRY(moved);
    EXPECT_TRUE(moved->pairs.empty());
    co_return ok();
  };
  expect_conversation(login_script("MOVE UIDPLUS") + "C: m3 UID MOVE 5 \"Trash\"\nS: m3 OK [COPYUID 14  ] MOVE completed.\n", act);
}

TEST(Move, WithoutTheExtension_IsCopyThenDeletedThenExpungeOfJustThese) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto moved = co_await move_messages(session, set("5:6"), MailboxName("Old"));
    MAILMIRROR_CO_TRY(moved);
    EXPECT_EQ(moved->pairs.size(), 2U);
    co_return ok();
  };
  expect_conversation(login_script("UIDPLUS") +
                          "C: m3 UID COPY 5:6 \"Old\"\nS: m3 OK [COPYUID 7 5:6 1:2] done\n"
                          "C: m4 UID STORE 5:6 +FLAGS.SILENT (\\Deleted)\nS: m4 OK\n"
                          "C: m5 UID EXPUNGE 5:6\nS: * 2 EXPUNGE\nS: * 2 EXPUNGE\nS: m5 OK\n",
                      act);
}

TEST(Move, CopyThatFails_MarksNothingDeleted) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto moved = co_await move_messages(session, set("5:6"), MailboxName("Old"));
    MAILMIRROR_CO_TRY(moved);
    co_return ok();
  };
  const auto error = expect_failure(
      login_script("UIDPLUS") + "C: m3 UID COPY 5:6 \"Old\"\nS: m3 NO [TRYCREATE] no such mailbox\n", act);
  EXPECT_EQ(error.kind, ErrorKind::missing);
}

// Uploading.

TEST(MultiAppend, SeveralMessages_AreOneCommand) {
  auto act = [](Session& session) -> Task<Result<void>> {
    TextSource first("hello");
    TextSource second("hi");
    std::vector<AppendMessage> messages;
    messages.push_back(message_from(first, 5));
    messages.push_back(message_from(second, 2));
    messages.back().flags = FlagSet();
    const auto appended = co_await multi_append(session, MailboxName("Sent"), std::move(messages));
    MAILMIRROR_CO_TRY(appended);
    EXPECT_THAT(appended->uids, ElementsAre(Uid{8}, Uid{9}));
    co_return ok();
  };
  const std::string date = kSentDate;
  expect_conversation(login_script("MULTIAPPEND UIDPLUS LITERAL+") + "C: m3 APPEND \"Sent\" (\\Seen) " + date + " {5+}\nC: hello " + date +
                          " {2+}\nC: hi\nS: m3 OK [APPENDUID 3 8:9] done\n",
                      act);
  expect_conversation(login_script("MULTIAPPEND UIDPLUS") + "C: m3 APPEND \"Sent\" (\\Seen) " + date + " {5}\nS: + go\nC: hello " + date +
                          " {2}\nS: + go\nC: hi\nS: m3 OK [APPENDUID 3 8:9] done\n",
                      act);
}

TEST(MultiAppend, CountOfUidsThatDoesNotFit_TellsNothing) {
  auto act = [](Session& session) -> Task<Result<void>> {
    TextSource first("hello");
    TextSource second("again");
    std::vector<AppendMessage> messages;
    messages.push_back(message_from(first, 5));
    messages.push_back(message_from(second, 5));
    const auto appended = co_await multi_append(session, MailboxName("Sent"), std::move(messages));
    MAILMIRROR_CO_TRY(appended);
    EXPECT_TRUE(appended->uids.empty());
    co_return ok();
  };
  const std::string head = std::string("(\\Seen) ") + kSentDate + " {5+}\n";
  expect_conversation(login_script("MULTIAPPEND LITERAL+") + "C: m3 APPEND \"Sent\" " + head + "C: hello " + head +
                          "C: again\nS: m3 OK [APPENDUID 3 8] done\n",
                      act);
}

TEST(AppendLimit, LargerMessage_IsNotEvenSent) {
  auto act = [](Session& session) -> Task<Result<void>> {
    TextSource source("hello");
    auto message = message_from(source, 5);
    const auto appended = co_await append(session, MailboxName("Sent"), std::move(message));
    EXPECT_EQ(appended.error().kind, ErrorKind::refused);
    EXPECT_THAT(appended.error().message, HasSubstr("at most 4"));
    co_return ok();
  };
  expect_conversation(login_script("APPENDLIMIT=4"), act);
}

// Asking.

TEST(Quota, FullestRoot_Counts) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto quota = co_await storage_quota(session, MailboxName("INBOX"));
    MAILMIRROR_CO_TRY(quota);
    EXPECT_TRUE(quota->has_value());
    EXPECT_EQ((*quota)->free(), 2U * 1024);
    co_return ok();
  };
  expect_conversation(login_script("QUOTA") +
                          "C: m3 GETQUOTAROOT \"INBOX\"\n"
                          "S: * QUOTAROOT INBOX \"\" shared\nS: * QUOTA \"\" (STORAGE 10 512)\n"
                          "S: * QUOTA shared (MESSAGE 1 2 STORAGE 98 100)\nS: m3 OK\n",
                      act);
}

TEST(Namespaces, Courier_PutsEverythingBelowInbox) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_EQ(personal_prefix(session.namespaces()), "INBOX.");
    EXPECT_EQ(session.namespaces().shared.size(), 2U);
    co_return ok();
  };
  expect_conversation(
      login_script("NAMESPACE") +
          "C: m3 NAMESPACE\nS: * NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\")(\"shared.\" \".\"))\nS: m3 OK\n",
      act);
}

TEST(InProgress, LongCommand_StaysAliveAndEnds) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await search_all_uids(session);
    MAILMIRROR_CO_TRY(found);
    EXPECT_EQ(found->to_string(), "7");
    co_return ok();
  };
  expect_conversation(login_script("INPROGRESS") +
                          "C: m3 UID SEARCH ALL\nWAIT 100\nS: * OK [INPROGRESS (\"m3\" 175 1000)] Still searching\n"
                          "WAIT 100\nS: * OK [INPROGRESS (\"m3\" NIL NIL)] Still searching\nWAIT 100\nS: * SEARCH 7\nS: m3 OK\n",
                      act);
}

TEST(ObjectId, Identity_IsAskedForAndTold) {
  for (const auto& [capability, item, answer, identity] :
       {std::tuple{"OBJECTID", "EMAILID", "EMAILID (M6d99ac3275bb4e)", "id:M6d99ac3275bb4e"},
        std::tuple{"OBJECTID+", "EMAILID", "EMAILID (M1)", "id:M1"},
        std::tuple{"X-GM-EXT-1", "X-GM-MSGID", "X-GM-MSGID 1278455344230334865", "gm:1278455344230334865"}}) {
    auto act = [expected = std::string(identity)](Session& session) -> Task<Result<void>> {
      const auto found = co_await fetch_summaries(session, set("4"));
      MAILMIRROR_CO_TRY(found);
      EXPECT_EQ(found->size(), 1U);
      EXPECT_EQ(found->at(0).identity, expected);
      co_return ok();
    };
    expect_conversation(login_script(capability) + "C: m3 UID FETCH 4 (UID FLAGS INTERNALDATE RFC822.SIZE " + item +
                            " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])\n"
                            "S: * 1 FETCH (UID 4 FLAGS () " +
                            answer +
                            " INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 3 BODY[HEADER.FIELDS (MESSAGE-ID)] \"\")\n"
                            "S: m3 OK\n",
                        act);
  }
}

TEST(StatusSize, AskedForWhereOffered) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto mailboxes = co_await list_mailboxes(session, StatusItems::counts_and_size);
    MAILMIRROR_CO_TRY(mailboxes);
    EXPECT_EQ(mailboxes->at(0).status->size, 44421U);
    co_return ok();
  };
  expect_conversation(login_script("LIST-EXTENDED LIST-STATUS STATUS=SIZE") +
                          "C: m3 LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN SIZE))\n"
                          "S: * LIST () \"/\" INBOX\nS: * STATUS INBOX (MESSAGES 3 SIZE 44421)\nS: m3 OK\n",
                      act);
}

TEST(Rename, SubscriptionFollows) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto renamed = co_await rename_mailbox(session, MailboxName("a"), MailboxName("b"));
    MAILMIRROR_CO_TRY(renamed);
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 RENAME \"a\" \"b\"\nS: m3 OK\nC: m4 UNSUBSCRIBE \"a\"\nS: m4 NO not subscribed\n"
                          "C: m5 SUBSCRIBE \"b\"\nS: m5 OK\n",
                      act);
}

TEST(Delete, SubscriptionGoesToo) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto deleted = co_await delete_mailbox(session, MailboxName("a"));
    MAILMIRROR_CO_TRY(deleted);
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 DELETE \"a\"\nS: m3 OK\nC: m4 UNSUBSCRIBE \"a\"\nS: m4 OK\n", act);
}

}  // namespace
}  // namespace mailmirror::imap::client
