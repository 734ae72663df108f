#include "imap/client/select.hpp"

#include "tests/unit/imap/script.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;
using ::testing::HasSubstr;

std::string qresync_login() {
  return login_script("ENABLE CONDSTORE QRESYNC UNSELECT") + "C: m3 ENABLE QRESYNC\nS: * ENABLED QRESYNC\nS: m3 OK\n";
}

SelectRequest inbox() {
  SelectRequest request;
  request.mailbox = MailboxName("INBOX");
  return request;
}

TEST(Select, WithQresync_TellsWhatVanishedAndChanged) {
  auto act = [](Session& session) -> Task<Result<void>> {
    auto request = inbox();
    request.resync = Resync{UidValidity{67890007}, ModSeq{20050715194045000}, UidSet::parse("41,43:211,214:541")};
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    EXPECT_EQ(selected->exists, 314U);
    EXPECT_EQ(selected->uid_validity, UidValidity{67890007});
    EXPECT_EQ(selected->uid_next, Uid{567});
    EXPECT_EQ(selected->highest_modseq, ModSeq{20060115205545359});
    EXPECT_EQ(selected->vanished.to_string(), "41,43:116,118,120:211,214:540");
    EXPECT_EQ(selected->changed.size(), 2U);
    EXPECT_EQ(selected->changed[0].uid, Uid{117});
    EXPECT_EQ(selected->changed[0].flags.to_string(), "\\Seen \\Answered");
    EXPECT_EQ(selected->changed[1].mod_seq, ModSeq{20060115194045320});
    EXPECT_EQ(selected->keywords, KeywordPolicy::any);
    EXPECT_EQ(selected->access, Access::read_write);
    EXPECT_EQ(selected->mailbox_id, "F2212ea87");
    EXPECT_EQ(session.selected(), MailboxName("INBOX"));
    co_return ok();
  };
  expect_conversation(qresync_login() +
                          "C: m4 SELECT \"INBOX\" (QRESYNC (67890007 20050715194045000 41,43:211,214:541 "
                          "(249,374,436,467,483,491,495,497,498 292,417,479,510,526,534,538,540,541)))\n"
                          "S: * OK [CLOSED] old one\n"
                          "S: * 314 EXISTS\n"
                          "S: * 15 RECENT\n"
                          "S: * OK [UIDVALIDITY 67890007] UIDVALIDITY\n"
                          "S: * OK [UIDNEXT 567] Predicted next UID\n"
                          "S: * OK [HIGHESTMODSEQ 20060115205545359] ok\n"
                          "S: * OK [UNSEEN 7] There are some unseen messages\n"
                          "S: * OK [MAILBOXID (F2212ea87)] Ok\n"
                          "S: * FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)\n"
                          "S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen \\*)] Permanent flags\n"
                          "S: * VANISHED (EARLIER) 41,43:116,118,120:211,214:540\n"
                          "S: * 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (20060115194045001))\n"
                          "S: * 50 FETCH (UID 119 FLAGS (\\Draft) MODSEQ (20060115194045320))\n"
                          "S: m4 OK [READ-WRITE] mailbox selected\n",
                      act);
}

TEST(Select, WhatCameBeforeClosed_BelongsToTheMailboxBefore) {
  auto act = [](Session& session) -> Task<Result<void>> {
    int vanished = 0;
    session.on_unilateral(
        [&](const wire::Response& response) { vanished += std::holds_alternative<wire::Vanished>(response) ? 1 : 0; });
    const auto selected = co_await select(session, inbox());
    session.on_unilateral({});
    MAILMIRROR_CO_TRY(selected);
    EXPECT_EQ(selected->exists, 2U);
    EXPECT_TRUE(selected->vanished.empty());
    EXPECT_TRUE(selected->changed.empty());
    EXPECT_EQ(vanished, 1) << "it is news all the same";
    co_return ok();
  };
  expect_conversation(qresync_login() +
                          "C: m4 SELECT \"INBOX\"\n"
                          "S: * VANISHED 7\n"
                          "S: * 9 EXISTS\n"
                          "S: * 3 FETCH (UID 8 FLAGS (\\Seen))\n"
                          "S: * OK [CLOSED] gone\n"
                          "S: * 2 EXISTS\n"
                          "S: m4 OK selected\n",
                      act);
}

TEST(Select, NoModSeqOrOne_MeansNoDelta) {
  for (const auto* const line : {"S: * OK [NOMODSEQ] none\n", "S: * OK [HIGHESTMODSEQ 1] not yet\n", ""}) {
    auto act = [](Session& session) -> Task<Result<void>> {
      const auto selected = co_await select(session, inbox());
      MAILMIRROR_CO_TRY(selected);
      EXPECT_EQ(selected->highest_modseq, std::nullopt);
      co_return ok();
    };
    expect_conversation(qresync_login() + "C: m4 SELECT \"INBOX\"\nS: * 0 EXISTS\n" + line + "S: m4 OK\n", act);
  }
}

TEST(Select, WithoutEnable_AsksForCondstoreEachTime) {
  auto act = [](Session& session) -> Task<Result<void>> {
    auto request = inbox();
    request.access = Access::read_only;
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    EXPECT_EQ(selected->access, Access::read_only);
    co_return ok();
  };
  expect_conversation(login_script("CONDSTORE") + "C: m3 EXAMINE \"INBOX\" (CONDSTORE)\nS: * 0 EXISTS\nS: m3 OK [READ-ONLY]\n",
                      act);
}

TEST(Select, NameBeyondAscii_IsSentInModifiedUtf7) {
  auto act = [](Session& session) -> Task<Result<void>> {
    SelectRequest request;
    request.mailbox = MailboxName("Entwürfe");
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 SELECT \"Entw&APw-rfe\"\nS: * 0 EXISTS\nS: m3 OK\n", act);
}

Task<Result<void>> select_inbox(Session& session) {
  const auto selected = co_await select(session, inbox());
  EXPECT_EQ(session.selected(), std::nullopt);
  MAILMIRROR_CO_TRY(selected);
  co_return ok();
}

TEST(Select, MailboxThatIsGone_IsMissing) {
  const auto error =
      expect_failure(login_script("") + "C: m3 SELECT \"INBOX\"\nS: m3 NO [NONEXISTENT] Mailbox doesn't exist\n", select_inbox);
  EXPECT_EQ(error.kind, ErrorKind::missing);
  EXPECT_THAT(error.message, HasSubstr("INBOX"));
}

TEST(Select, AnswerWithoutExists_IsNoEmptyMailbox) {
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 SELECT \"INBOX\"\nS: m3 OK\n", select_inbox).kind, ErrorKind::protocol);
}

Task<Result<void>> unselect_it(Session& session) {
  auto left = co_await unselect(session);
  co_return left;
}

TEST(Unselect, NeverExpunges) {
  expect_conversation(login_script("UNSELECT") + "C: m3 UNSELECT\nS: m3 OK\n", unselect_it);
  expect_conversation(login_script("") + "C: m3 EXAMINE \"mailmirror-no-such-mailbox\"\nS: m3 NO no such mailbox\n", unselect_it);
}

}  // namespace
}  // namespace mailmirror::imap::client
