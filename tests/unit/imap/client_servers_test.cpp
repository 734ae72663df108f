// The servers that people really use, each by a trace of what is odd about it.
#include "imap/client/append.hpp"
#include "imap/client/fetch.hpp"
#include "imap/client/idle.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/quirks.hpp"
#include "imap/client/search.hpp"
#include "imap/client/select.hpp"
#include "tests/unit/imap/script.hpp"
#include "tests/unit/imap/text_source.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Quirks quirks_at(std::string host, std::vector<std::string> capabilities = {}, std::string greeting = {}, std::string id_name = {}) {
  ServerIdentity server;
  server.host = std::move(host);
  server.greeting = std::move(greeting);
  if (!id_name.empty()) server.id.fields.emplace_back("name", std::move(id_name));
  return quirks_of(server, Capabilities(capabilities, {}));
}

TEST(Quirks, UnknownServer_HasNone) {
  const auto quirks = quirks_at("mail.example.org", {"IMAP4REV1", "IDLE"}, "Dovecot ready.", "Dovecot");
  EXPECT_TRUE(quirks.set.none());
  EXPECT_THAT(quirks.families, IsEmpty());
}

TEST(Quirks, EachSign_IsEnough) {
  EXPECT_THAT(quirks_at("imap.gmail.com").families, ElementsAre("Gmail"));
  EXPECT_THAT(quirks_at("mail.company.example", {"X-GM-EXT-1"}).families, ElementsAre("Gmail"));
  EXPECT_THAT(quirks_at("mail.company.example", {}, "The Microsoft Exchange IMAP4 service is ready.").families, ElementsAre("Microsoft"));
  EXPECT_THAT(quirks_at("imap.example.net", {}, {}, "Cyrus IMAPD").families, ElementsAre("Cyrus"));
  EXPECT_THAT(quirks_at("127.0.0.1", {}, "[CAPABILITY IMAP4REV1] IMAP4rev1 DavMail 6.2 server ready").families, ElementsAre("DavMail"));
}

TEST(Quirks, SimilarHostName_IsNoSign) {
  EXPECT_THAT(quirks_at("imap.gmail.com.example.net").families, IsEmpty());
  EXPECT_THAT(quirks_at("notoutlook.com").families, IsEmpty());
}

SessionOptions at(std::string host) {
  auto options = plain_options();
  options.server.host = std::move(host);
  options.server.plaintext = Plaintext::anywhere;
  return options;
}

Task<Result<void>> say_noop(Session& session) {
  const auto alive = co_await keep_alive(session);
  MAILMIRROR_CO_TRY(alive);
  co_return ok();
}

Task<Result<void>> append_hello(Session& session) {
  TextSource source("hello");
  auto message = message_from(source, 5);
  const auto appended = co_await append(session, MailboxName("INBOX"), std::move(message));
  MAILMIRROR_CO_TRY(appended);
  co_return ok();
}

// Gmail: capabilities come untagged before the OK of the login; mailboxes may be windowed; FETCH arrives despite .SILENT.

TEST(Gmail, Login_TakesTheCapabilitiesOfAfterwards) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.has(Quirk::windowed));
    EXPECT_TRUE(session.capabilities().has(Extension::condstore));
    EXPECT_FALSE(session.capabilities().has(Extension::qresync));
    co_return ok();
  };
  expect_conversation(
      "S: * OK Gimap ready for requests from 192.0.2.1 ab12\n"
      "C: m1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 SASL-IR AUTH=PLAIN\n"
      "S: m1 OK Thats all she wrote! ab12\n"
      "C: m2 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: * CAPABILITY IMAP4rev1 UNSELECT X-GM-EXT-1 UIDPLUS ENABLE MOVE CONDSTORE ESEARCH\nS: m2 OK user authenticated (Success)\n"
      "C: m3 CAPABILITY\nS: * CAPABILITY IMAP4rev1 UNSELECT X-GM-EXT-1 UIDPLUS ENABLE MOVE CONDSTORE ESEARCH\nS: m3 OK Success\n"
      "C: m4 ENABLE CONDSTORE\nS: * ENABLED CONDSTORE\nS: m4 OK Success\n",
      act, at("imap.gmail.com"));
}

TEST(Gmail, TooBigMessage_IsRefusedForGood) {
  const auto error = expect_failure(login_script("LITERAL+") + "C: m3 APPEND \"INBOX\" (\\Seen) " + kSentDate +
                                        " {5+}\nC: hello\nS: m3 BAD [TOOBIG] Message too large.\n",
                                    append_hello);
  EXPECT_EQ(error.kind, ErrorKind::refused) << "not a command that the server doesn't know";
}

TEST(Gmail, SpentBandwidth_IsAPauseOfHours) {
  const auto error =
      expect_failure(login_script("") + "C: m3 NOOP\nS: * BYE [ALERT] Account exceeded command or bandwidth limits. (Failure)\n", say_noop);
  EXPECT_EQ(error.kind, ErrorKind::throttled);
  EXPECT_GE(error.retry_after, std::chrono::hours(1));
}

// Microsoft 365: throttling in words, sizes that are guesses, no CONDSTORE, fixed flags.

TEST(Microsoft, SuggestedBackoff_IsObeyed) {
  const auto error = expect_failure(
      login_script("") + "C: m3 NOOP\nS: m3 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds\n", say_noop);
  EXPECT_EQ(error.kind, ErrorKind::throttled);
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds(92415));
}

TEST(Microsoft, AuthenticatedButNotConnected_IsTransient) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto mailboxes = co_await list_mailboxes(session, StatusItems::none);
    MAILMIRROR_CO_TRY(mailboxes);
    co_return ok();
  };
  const auto error =
      expect_failure(login_script("") + "C: m3 LIST \"\" \"*\"\nS: m3 BAD User is authenticated but not connected.\n", act);
  EXPECT_EQ(retry_class(error.kind), RetryClass::transient);
}

TEST(Microsoft, MessageItDoesNotLike_IsThatMessagesFault) {
  const auto error = expect_failure(login_script("LITERAL+") + "C: m3 APPEND \"INBOX\" (\\Seen) " + kSentDate +
                                        " {5+}\nC: hello\nS: m3 BAD Command Argument Error. 11\n",
                                    append_hello);
  EXPECT_EQ(error.kind, ErrorKind::refused);
}

TEST(Microsoft, FlagsItKeeps_AreThoseOfPermanentflags) {
  auto act = [](Session& session) -> Task<Result<void>> {
    SelectRequest request;
    request.mailbox = MailboxName("INBOX");
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    EXPECT_EQ(selected->keywords, KeywordPolicy::listed_only);
    EXPECT_FALSE(selected->highest_modseq);
    EXPECT_TRUE(session.has(Quirk::estimated_sizes));
    EXPECT_TRUE(session.has(Quirk::append_forgets_flagged));
    co_return ok();
  };
  const auto login = "S: * OK The Microsoft Exchange IMAP4 service is ready. [QQA=]\nC: m1 CAPABILITY\n"
                     "S: * CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+\n"
                     "S: m1 OK CAPABILITY completed.\nC: m2 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\nS: m2 OK AUTHENTICATE completed.\n"
                     "C: m3 CAPABILITY\nS: * CAPABILITY IMAP4 IMAP4rev1 MOVE UIDPLUS IDLE LITERAL+\nS: m3 OK CAPABILITY completed.\n";
  expect_conversation(std::string(login) +
                          "C: m4 SELECT \"INBOX\"\nS: * 3 EXISTS\nS: * 0 RECENT\nS: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)\n"
                          "S: * OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)] Permanent flags\n"
                          "S: * OK [UIDVALIDITY 14] UIDVALIDITY value\nS: * OK [UIDNEXT 9] The next unique identifier value\n"
                          "S: m4 OK [READ-WRITE] SELECT completed.\n",
                      act, at("outlook.office365.com"));
}

// iCloud: QRESYNC is broken.

TEST(ICloud, Qresync_IsNotUsedThoughOffered) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_FALSE(session.capabilities().has(Extension::qresync));
    EXPECT_FALSE(session.enabled(Extension::qresync));
    co_return ok();
  };
  expect_conversation(login_script("ENABLE CONDSTORE QRESYNC") + "C: m3 ENABLE CONDSTORE\nS: * ENABLED CONDSTORE\nS: m3 OK\n", act,
                      at("imap.mail.me.com"));
}

// Yahoo: a window of messages, short commands, pages.

TEST(Yahoo, WithPartial_TheWholeMailboxIsListedByPages) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.has(Quirk::windowed));
    EXPECT_EQ(session.limits().octets, 1000U);
    const auto all = co_await search_all_uids(session);
    MAILMIRROR_CO_TRY(all);
    EXPECT_EQ(all->size(), 3U);
    co_return ok();
  };
  expect_conversation(login_script("ENABLE UIDONLY PARTIAL ESEARCH") +
                          "C: m3 ENABLE UIDONLY\nS: * ENABLED UIDONLY\nS: m3 OK\n"
                          "C: m4 UID SEARCH RETURN (PARTIAL 1:2000) ALL\nS: * ESEARCH (TAG \"m4\") UID PARTIAL (1:2000 5,7:8)\nS: m4 OK\n",
                      act, at("export.imap.mail.yahoo.com"));
}

TEST(Yahoo, Sets_NameAtMostTwoThousandMessages) {
  auto act = [](Session& session) -> Task<Result<void>> {
    UidSet many;
    many.insert(UidRange{Uid{1}, Uid{2500}});
    const auto found = co_await fetch_flags(session, many, std::nullopt);
    MAILMIRROR_CO_TRY(found);
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 UID FETCH 1:2000 (UID FLAGS)\nC: m4 UID FETCH 2001:2500 (UID FLAGS)\nS: m3 OK\nS: m4 OK\n", act,
                      at("imap.mail.yahoo.com"));
}

// NetEase: nothing works before ID, which has to come after the login; UIDNEXT is never told.

TEST(NetEase, IdAfterTheLogin_AndNoUidnext) {
  auto act = [](Session& session) -> Task<Result<void>> {
    SelectRequest request;
    request.mailbox = MailboxName("INBOX");
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    EXPECT_FALSE(selected->uid_next);
    EXPECT_EQ(selected->exists, 2U);
    co_return ok();
  };
  expect_conversation(login_script("ID XLIST UIDPLUS") + "C: m3 ID (\"name\" \"mailmirror\" \"version\" \"" MAILMIRROR_VERSION
                                                         "\")\nS: * ID (\"vendor\" \"NetEase\")\nS: m3 OK ID completed\n"
                                                         "C: m4 SELECT \"INBOX\"\nS: * 2 EXISTS\nS: * 0 RECENT\nS: * OK [UIDVALIDITY 1] UIDs valid\n"
                                                         "S: * FLAGS (\\Answered \\Seen)\nS: m4 OK [READ-WRITE] SELECT completed\n",
                      act);
}

// Yandex: messages without their BODY[] value; BYE without end.

TEST(Yandex, FetchWithoutItsBody_DeliversNothing) {
  class Sink final : public BodySink {
   public:
    void begin(std::uint64_t) override { ++bodies; }
    void data(std::span<const std::byte>) override {}
    void end(const wire::Fetch&) override {}
    Task<void> ready() override { co_return; }
    int bodies = 0;
  };
  auto act = [](Session& session) -> Task<Result<void>> {
    Sink sink;
    UidSet seven;
    seven.insert(Uid{7});
    const auto done = co_await fetch_bodies(session, seven, sink);
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(sink.bodies, 0) << "the caller sees that it is missing";
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 UID FETCH 7 (UID BODY.PEEK[])\nS: * 3 FETCH (UID 7 BODY[] )\nS: m3 OK UID FETCH Completed.\n", act);
}

TEST(Yandex, ManyByes_AreOneEnd) {
  const auto error = expect_failure(login_script("") +
                                        "C: m3 NOOP\nS~ * BYE Autologout; idle for too long\\r\\n* BYE bye\\r\\n* BYE bye\\r\\n* BYE bye\\r\\n\n",
                                    say_noop);
  EXPECT_EQ(error.kind, ErrorKind::network);
  EXPECT_THAT(error.message, HasSubstr("idle for too long"));
}

// Zoho, DavMail, Bridge: LIST repeats a mailbox, and INBOX comes in several spellings.

TEST(Zoho, RepeatedLines_AreOneMailbox) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto mailboxes = co_await list_mailboxes(session, StatusItems::none);
    MAILMIRROR_CO_TRY(mailboxes);
    EXPECT_EQ(mailboxes->size(), 2U);
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 LIST \"\" \"*\"\nS: * LIST (\\HasNoChildren) \"/\" INBOX\nS: * LIST (\\HasNoChildren) \"/\" \"Sent\"\n"
                          "S: * LIST (\\HasNoChildren) \"/\" \"Inbox\"\nS: * LIST () \"/\" Sent\nS: m3 OK Success\n",
                      act);
}

// Domino: a bare backslash as delimiter, parentheses around the name.

TEST(Domino, OddList_IsUnderstood) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto mailboxes = co_await list_mailboxes(session, StatusItems::none);
    MAILMIRROR_CO_TRY(mailboxes);
    EXPECT_EQ(mailboxes->size(), 1U);
    EXPECT_EQ(mailboxes->at(0).delimiter, '\\');
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 LIST \"\" \"*\"\nS~ * LIST () \"\\\" (\"Drafts\")\\r\\n\nS: m3 OK\n", act);
}

// Cyrus: open ranges miss expunged messages at the top; "]" may stand in flags (Fastmail).

TEST(Cyrus, EveryMessage_IsNamedByItsLargestUid) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto found = co_await fetch_flags(session, std::nullopt, ModSeq{20});
    MAILMIRROR_CO_TRY(found);
    co_return ok();
  };
  const std::string offered = "CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN";
  expect_conversation("S: * OK [" + offered + "] mail.example.org Cyrus IMAP 3.6.1 server ready\n" +
                          "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\nS: m1 OK in\nC: m2 CAPABILITY\nS: * " + offered + " CONDSTORE\nS: m2 OK\n" +
                          "C: m3 UID FETCH 1:4294967295 (UID FLAGS) (CHANGEDSINCE 20)\nS: m3 OK\n",
                      act);
}

TEST(Fastmail, BracketInAFlag_IsPartOfIt) {
  auto act = [](Session& session) -> Task<Result<void>> {
    SelectRequest request;
    request.mailbox = MailboxName("INBOX");
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    EXPECT_TRUE(selected->permanent_flags.contains_keyword("a]b"));
    EXPECT_EQ(selected->keywords, KeywordPolicy::any);
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 SELECT \"INBOX\"\nS: * 0 EXISTS\nS: * FLAGS (\\Seen a]b)\n"
                                         "S: * OK [PERMANENTFLAGS (\\Seen a]b \\*)] Ok\nS: * OK [UIDVALIDITY 1] Ok\nS: m3 OK [READ-WRITE]\n",
                      act);
}

// Dovecot: HIGHESTMODSEQ 1 means "not tracked yet"; "Still here" during IDLE is no news.

TEST(Dovecot, ModseqOne_IsNone) {
  auto act = [](Session& session) -> Task<Result<void>> {
    SelectRequest request;
    request.mailbox = MailboxName("INBOX");
    const auto selected = co_await select(session, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    EXPECT_FALSE(selected->highest_modseq);
    co_return ok();
  };
  expect_conversation(login_script("CONDSTORE") +
                          "C: m3 SELECT \"INBOX\" (CONDSTORE)\nS: * 0 EXISTS\nS: * OK [UIDVALIDITY 1] ok\nS: * OK [HIGHESTMODSEQ 1] Highest\n"
                          "S: m3 OK [READ-WRITE]\n",
                      act);
}

TEST(Dovecot, StillHere_KeepsIdling) {
  auto act = [](Session& session) -> Task<Result<void>> {
    Latch stop(co_await asio::this_coro::executor);
    const auto end = co_await idle(session, std::chrono::minutes(5), stop);
    MAILMIRROR_CO_TRY(end);
    EXPECT_EQ(*end, IdleEnd::renew);
    co_return ok();
  };
  expect_conversation(login_script("IDLE") + "C: m3 IDLE\nS: + idling\nWAIT 120\nS: * OK Still here\nWAIT 120\nS: * OK Still here\nC: DONE\nS: m3 OK\n",
                      act);
}

}  // namespace
}  // namespace mailmirror::imap::client
