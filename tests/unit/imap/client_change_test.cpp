// What changes the server: APPEND, STORE, EXPUNGE, CREATE.
#include "imap/client/append.hpp"
#include "imap/client/expunge.hpp"
#include "imap/client/flag_store.hpp"
#include "imap/client/mailboxes.hpp"
#include "sync/base/task_scope.hpp"
#include "tests/unit/imap/script.hpp"
#include "tests/unit/imap/text_source.hpp"
#include "tests/unit/imap/transport_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;

Task<Result<void>> append_hello(Session& session) {
  TextSource source("hello");
  auto message = message_from(source, 5);
  const auto appended = co_await append(session, MailboxName("Sent"), message);
  MAILMIRROR_CO_TRY(appended);
  EXPECT_EQ(appended->uid_validity, UidValidity{38505});
  EXPECT_EQ(appended->uid, Uid{3955});
  co_return ok();
}

std::string append_line(const char* tag, const char* literal) {
  return std::string("C: ") + tag + " APPEND \"Sent\" (\\Seen) " + kSentDate + " " + literal + "\n";
}

TEST(Append, WithoutLiteralPlus_WaitsForTheInvitation) {
  expect_conversation(login_script("UIDPLUS") + append_line("m3", "{5}") +
                          "S: * 3 EXISTS\nS: + Ready\nC: hello\nS: m3 OK [APPENDUID 38505 3955] done\n",
                      append_hello);
}

TEST(Append, WithLiteralPlus_SendsAtOnce) {
  for (const auto* capability : {"LITERAL+", "LITERAL-"})
    expect_conversation(login_script(capability) + append_line("m3", "{5+}") + "C: hello\nS: m3 OK [APPENDUID 38505 3955] done\n",
                        append_hello);
}

TEST(Append, RefusedBeforeTheLiteral_SendsNoLiteralAndGoesOn) {
  auto act = [](Session& session) -> Task<Result<void>> {
    TextSource source("hello");
    auto message = message_from(source, 5);
    const auto appended = co_await append(session, MailboxName("Sent"), message);
    if (session.failure()) co_return appended.error();
    EXPECT_EQ(appended.error().kind, ErrorKind::refused);
    wire::Command command("NOOP");
    const auto alive = co_await session.execute(std::move(command));
    MAILMIRROR_CO_TRY(alive);
    co_return ok();
  };
  expect_conversation(login_script("") + append_line("m3", "{5}") + "S: m3 NO [OVERQUOTA] full\nC: m4 NOOP\nS: m4 OK\n", act);
}

TEST(Append, SeveralAtOnce_FollowEachOtherWithoutWaiting) {
  auto act = [](Session& session) -> Task<Result<void>> {
    std::vector<Result<Appended>> outcomes;
    auto one = [&](std::string text) -> Task<void> {
      TextSource source(text);
      auto message = message_from(source, text.size());
      auto appended = co_await append(session, MailboxName("Sent"), message);
      outcomes.push_back(std::move(appended));
    };
    auto body = [&](TaskGroup& group) -> Task<void> {
      for (const auto* text : {"one", "three", "seven!!"}) group.spawn(one(text));
      co_return;
    };
    co_await run_in_group(body);
    for (const auto& outcome : outcomes) MAILMIRROR_CO_TRY(outcome);
    co_return ok();
  };
  expect_conversation(login_script("LITERAL+") + append_line("m3", "{3+}") + "C: one\n" + append_line("m4", "{5+}") + "C: three\n" +
                          append_line("m5", "{7+}") + "C: seven!!\nS: m3 OK\nS: m4 OK\nS: m5 OK\n",
                      act);
}

TEST(Append, SourceThatBreaksOrMiscounts_ClosesTheSession) {
  for (auto* const source : {new TextSource("hello", 2), new TextSource("hell"), new TextSource("hello!")}) {
    const std::unique_ptr<TextSource> owner(source);
    auto act = [&](Session& session) -> Task<Result<void>> {
      auto message = message_from(*source, 5);
      const auto appended = co_await append(session, MailboxName("Sent"), message);
      EXPECT_TRUE(session.failure());
      MAILMIRROR_CO_TRY(appended);
      co_return ok();
    };
    World world;
    ScriptedServer server(world, login_script("LITERAL+") + append_line("m3", "{5+}") + "HANG\n");
    EXPECT_EQ(perform(world, server, plain_options(), act).error().kind, ErrorKind::io);
  }
}

TEST(Append, Throttled_KeepsTheServersWords) {
  auto act = [](Session& session) -> Task<Result<void>> { return append_hello(session); };
  const auto error = expect_failure(login_script("LITERAL+") + append_line("m3", "{5+}") +
                                        "C: hello\nS: m3 BAD Request is throttled. Suggested Backoff Time: 10000 milliseconds\n",
                                    act);
  EXPECT_EQ(error.kind, ErrorKind::throttled);
  EXPECT_THAT(error.message, ::testing::HasSubstr("Suggested Backoff Time: 10000 milliseconds"));
}

TEST(StoreFlags, SendsADeltaAndSwallowsTheEcho) {
  auto act = [](Session& session) -> Task<Result<void>> {
    int news = 0;
    session.on_unilateral([&](const wire::Response&) { ++news; });
    const auto added = co_await store_flags(session, UidSet::parse("1:3,9").value(), FlagChange::add, seen());
    MAILMIRROR_CO_TRY(added);
    FlagSet keyword;
    keyword.insert_keyword("project-x");
    const auto removed = co_await store_flags(session, UidSet::parse("4").value(), FlagChange::remove, keyword);
    session.on_unilateral({});
    MAILMIRROR_CO_TRY(removed);
    EXPECT_EQ(news, 1) << "only the change of a message that wasn't ours";
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 UID STORE 1:3,9 +FLAGS.SILENT (\\Seen)\n"
                          "S: * 3 FETCH (UID 3 MODSEQ (7))\n"
                          "S: * 4 FETCH (UID 4 FLAGS (\\Answered))\n"
                          "S: m3 OK\n"
                          "C: m4 UID STORE 4 -FLAGS.SILENT (project-x)\n"
                          "S: m4 OK\n",
                      act);
}

TEST(Expunge, WithUidplus_NamesTheUids) {
  auto act = [](Session& session) -> Task<Result<void>> {
    UidSet vanished;
    session.on_unilateral([&](const wire::Response& response) {
      if (const auto* const gone = std::get_if<wire::Vanished>(&response)) vanished = vanished | gone->uids;
    });
    const auto done = co_await uid_expunge(session, UidSet::parse("3:5").value());
    session.on_unilateral({});
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(vanished.to_string(), "3:5,8") << "VANISHED is never dropped";
    co_return ok();
  };
  expect_conversation(login_script("UIDPLUS") + "C: m3 UID EXPUNGE 3:5\nS: * VANISHED 3:5,8\nS: m3 OK\n", act);
}

TEST(ExpungeExactly, OnlyOursAreDeleted_Expunges) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto done = co_await expunge_exactly(session, UidSet::parse("3:5").value());
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(*done, ExpungeOutcome::done);
    co_return ok();
  };
  expect_conversation(
      login_script("") + "C: m3 UID SEARCH DELETED\nS: * SEARCH 3 4 5\nS: m3 OK\nC: m4 EXPUNGE\nS: * 3 EXPUNGE\nS: m4 OK\n", act);
}

TEST(ExpungeExactly, SomebodyElsesIsDeletedToo_SendsNoExpunge) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto done = co_await expunge_exactly(session, UidSet::parse("3:5").value());
    MAILMIRROR_CO_TRY(done);
    EXPECT_EQ(*done, ExpungeOutcome::others_are_deleted_too);
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 UID SEARCH DELETED\nS: * SEARCH 3 4 5 6\nS: m3 OK\n", act);
}

Task<Result<void>> create_lists(Session& session) {
  auto created = co_await create_mailbox(session, MailboxName("Lists"));
  co_return created;
}

TEST(CreateMailbox, SubscribesTooAndMindsNoRefusalOfThat) {
  expect_conversation(login_script("") + "C: m3 CREATE \"Lists\"\nS: m3 OK\nC: m4 SUBSCRIBE \"Lists\"\nS: m4 NO never\n",
                      create_lists);
}

TEST(CreateMailbox, NameThatIsTaken_SaysSoWithAndWithoutTheCode) {
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 CREATE \"Lists\"\nS: m3 NO [ALREADYEXISTS] there\n", create_lists).kind,
            ErrorKind::exists);
  EXPECT_EQ(
      expect_failure(login_script("") +
                         "C: m3 CREATE \"Lists\"\nS: m3 NO there\nC: m4 LIST \"\" \"Lists\"\nS: * LIST () \"/\" Lists\nS: m4 OK\n",
                     create_lists)
          .kind,
      ErrorKind::exists);
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 CREATE \"Lists\"\nS: m3 NO no right\nC: m4 LIST \"\" \"Lists\"\nS: m4 OK\n",
                           create_lists)
                .kind,
            ErrorKind::refused);
}

}  // namespace
}  // namespace mailmirror::imap::client
