// What keeps a connection alive and tells news: LIST with STATUS, NOTIFY, IDLE, deadlines, the end.
#include "imap/client/fetch.hpp"
#include "imap/client/idle.hpp"
#include "imap/client/mailboxes.hpp"
#include "imap/client/notify.hpp"
#include "tests/unit/imap/script.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(ListMailboxes, WithListStatus_TakesOneRoundTrip) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto all = co_await list_mailboxes(session, StatusItems::counts);
    MAILMIRROR_CO_TRY(all);
    EXPECT_EQ(all->size(), 3U);
    EXPECT_TRUE(all->at(0).name.is_inbox()) << "INBOX is one name in any case, and listed once";
    EXPECT_EQ(all->at(0).status->messages, 17U);
    EXPECT_EQ(all->at(0).status->highest_modseq, ModSeq{42});
    EXPECT_EQ(all->at(1).name.utf8(), "Papierkörbe/Alt");
    EXPECT_EQ(all->at(1).special_use, "\\trash");
    EXPECT_EQ(all->at(1).delimiter, '/');
    EXPECT_EQ(all->at(2).selectable, Selectable::no);
    EXPECT_EQ(all->at(2).delimiter, '\0');
    EXPECT_FALSE(all->at(2).status);
    co_return ok();
  };
  expect_conversation(login_script("LIST-EXTENDED SPECIAL-USE LIST-STATUS CONDSTORE") +
                          "C: m3 LIST \"\" \"*\" RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ))\n"
                          "S: * LIST (\\HasNoChildren) \"/\" Inbox\n"
                          "S: * STATUS INBOX (MESSAGES 17 UIDNEXT 18 UIDVALIDITY 5 UNSEEN 1 HIGHESTMODSEQ 42)\n"
                          "S: * LIST (\\HasNoChildren) \"/\" INBOX\n"
                          "S: * LIST (\\Trash) \"/\" \"Papierk&APY-rbe/Alt\"\n"
                          "S: * STATUS \"Papierk&APY-rbe/Alt\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 6 UNSEEN 0 HIGHESTMODSEQ 1)\n"
                          "S: * LIST (\\Noselect) NIL \"[Gmail]\"\n"
                          "S: m3 OK\n",
                      act);
}

TEST(ListMailboxes, WithoutListStatus_AsksEachAtOnceAndOneFailureSpoilsNothing) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto all = co_await list_mailboxes(session, StatusItems::counts);
    MAILMIRROR_CO_TRY(all);
    EXPECT_EQ(all->size(), 3U);
    EXPECT_EQ(all->at(0).status->messages, 17U);
    EXPECT_FALSE(all->at(2).status);
    co_return ok();
  };
  expect_conversation(login_script("") +
                          "C: m3 LIST \"\" \"*\"\n"
                          "S: * LIST () \".\" INBOX\n"
                          "S: * LIST (\\Noselect) \".\" x\n"
                          "S: * LIST () \".\" secret\n"
                          "S: m3 OK\n"
                          "C: m4 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\n"
                          "C: m5 STATUS \"secret\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\n"
                          "S: * STATUS INBOX (MESSAGES 17)\n"
                          "S: m4 OK\n"
                          "S: m5 NO [NOPERM] no\n",
                      act);
}

TEST(ListMailboxes, ListThatEndsWithNo_IsNoShortList) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const auto all = co_await list_mailboxes(session, StatusItems::none);
    MAILMIRROR_CO_TRY(all);
    co_return ok();
  };
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 LIST \"\" \"*\"\nS: * LIST () \".\" INBOX\nS: m3 NO broken\n", act).kind,
            ErrorKind::refused);
}

TEST(Notify, FirstStatusIsTheResult_LaterNewsAreUnilateral) {
  auto act = [](Session& session) -> Task<Result<void>> {
    std::vector<std::string> news;
    session.on_unilateral([&](const wire::Response& response) {
      if (const auto* const status = std::get_if<wire::MailboxStatus>(&response)) news.push_back(status->mailbox.utf8());
      if (const auto* const item = std::get_if<wire::ListItem>(&response)) news.push_back("list " + item->mailbox.utf8());
    });
    const auto now = co_await notify_all(session);
    if (now) {
      EXPECT_EQ(now->size(), 2U);
    }
    const auto alive = co_await keep_alive(session);
    session.on_unilateral({});
    MAILMIRROR_CO_TRY(now);
    MAILMIRROR_CO_TRY(alive);
    EXPECT_EQ(news, (std::vector<std::string>{"Lists", "list New"}));
    co_return ok();
  };
  expect_conversation(
      login_script("NOTIFY") +
          "C: m3 NOTIFY SET STATUS (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))\n"
          "S: * STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3 UNSEEN 0)\n"
          "S: * STATUS Lists (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 4 UNSEEN 0)\n"
          "S: m3 OK\n"
          "C: m4 NOOP\n"
          "S: * STATUS Lists (MESSAGES 2 UIDNEXT 3)\n"
          "S: * LIST () \"/\" New\n"
          "S: m4 OK\n",
      act);
}

TEST(Idle, News_EndItAndAreToldInFull) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Latch stop(executor);
    int told = 0;
    session.on_unilateral(
        [&](const wire::Response& response) { told += std::holds_alternative<wire::UntaggedStatus>(response) ? 0 : 1; });
    const auto end = co_await idle(session, 5min, stop);
    session.on_unilateral({});
    MAILMIRROR_CO_TRY(end);
    EXPECT_EQ(*end, IdleEnd::news);
    EXPECT_EQ(told, 2);
    co_return ok();
  };
  expect_conversation(login_script("IDLE") +
                          "C: m3 IDLE\n"
                          "S: + idling\n"
                          "WAIT 100\n"
                          "S: * OK Still here\n"
                          "WAIT 100\n"
                          "S~ * 4 EXISTS\\r\\n* VANISHED 3\\r\\n\n"
                          "C: DONE\n"
                          "S: m3 OK\n",
                      act);
}

TEST(Idle, NothingHappens_IsRenewedThoughTheDeadlineIsShorter) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Latch stop(executor);
    for (int round = 0; round < 2; ++round) {
      const auto end = co_await idle(session, 29min, stop);
      MAILMIRROR_CO_TRY(end);
      EXPECT_EQ(*end, IdleEnd::renew);
    }
    co_return ok();
  };
  World world;
  ScriptedServer server(
      world, login_script("IDLE") + "C: m3 IDLE\nS: + idling\nC: DONE\nS: m3 OK\nC: m4 IDLE\nS: + idling\nC: DONE\nS: m4 OK\n");
  const auto outcome = perform(world, server, plain_options(), act);
  EXPECT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(server.complaint(), "");
}

TEST(Idle, AskedToStop_EndsAndLetsOtherCommandsThrough) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Latch stop(executor);
    Result<IdleEnd> end = IdleEnd::renew;
    Result<void> noop = ok();
    auto idling = [&]() -> Task<void> { end = co_await idle(session, 5min, stop); };
    auto other = [&]() -> Task<void> {
      asio::steady_timer pause(executor);
      for (int turn = 0; turn < 20; ++turn) co_await asio::post(executor, asio::use_awaitable);
      stop.set();
      noop = co_await keep_alive(session);
    };
    TaskGroup group(executor);
    group.spawn(idling());
    group.spawn(other());
    co_await group.join();
    MAILMIRROR_CO_TRY(end);
    EXPECT_EQ(*end, IdleEnd::stopped);
    co_return noop;
  };
  World world;
  ScriptedServer server(world, login_script("IDLE") + "C: m3 IDLE\nS: + idling\nC: DONE\nS: m3 OK\nC: m4 NOOP\nS: m4 OK\n");
  const auto outcome = perform(world, server, plain_options(), act);
  EXPECT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(server.complaint(), "");
}

TEST(Idle, ServerThatRefusesIt_IsAnErrorOfTheCommandAlone) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Latch stop(executor);
    const auto end = co_await idle(session, 5min, stop);
    EXPECT_FALSE(end);
    auto alive = co_await keep_alive(session);
    co_return alive;
  };
  expect_conversation(login_script("IDLE") + "C: m3 IDLE\nS: m3 NO not now\nC: m4 NOOP\nS: m4 OK\n", act);
}

Task<Result<void>> noop(Session& session) {
  auto alive = co_await keep_alive(session);
  co_return alive;
}

TEST(Deadline, SilenceInTheMiddleOfACommand_IsATimeout) {
  World world;
  ScriptedServer server(world, login_script("") + "C: m3 NOOP\nHANG\n");
  const auto started = world.clock.steady_now();
  EXPECT_EQ(perform(world, server, plain_options(), noop).error().kind, ErrorKind::timeout);
  EXPECT_LE(world.clock.steady_now() - started, 121s);
}

TEST(Deadline, SilenceAfterDone_IsATimeoutToo) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Latch stop(executor);
    const auto end = co_await idle(session, 5min, stop);
    MAILMIRROR_CO_TRY(end);
    co_return ok();
  };
  World world;
  ScriptedServer server(world, login_script("IDLE") + "C: m3 IDLE\nS: + idling\nC: DONE\nHANG\n");
  EXPECT_EQ(perform(world, server, plain_options(), act).error().kind, ErrorKind::timeout);
}

TEST(Deadline, ServerThatKeepsTalking_MayTakeItsTime) {
  expect_conversation(login_script("") + "C: m3 NOOP\nWAIT 100\nS: * OK [INPROGRESS] working\nWAIT 100\nS: m3 OK\n", noop);
}

TEST(End, Bye_GivesItsWordsToAllWhoWait) {
  const auto error =
      expect_failure(login_script("") + "C: m3 NOOP\nS: * BYE shutting down for maintenance\nS: * BYE again\n", noop);
  EXPECT_EQ(error.kind, ErrorKind::network);
  EXPECT_THAT(error.message, HasSubstr("shutting down for maintenance"));
}

TEST(End, AnswerToACommandNeverSent_IsAProtocolError) {
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 NOOP\nS: m99 OK\n", noop).kind, ErrorKind::protocol);
}

TEST(End, Garbage_IsAProtocolError) {
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 NOOP\nS: * 1 FETCH (UID {999999999999999999999}\n", noop).kind,
            ErrorKind::protocol);
}

TEST(End, Cut_FailsAllPendingCommands) {
  auto act = [](Session& session) -> Task<Result<void>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    int failed = 0;
    auto one = [&]() -> Task<void> {
      const auto alive = co_await keep_alive(session);
      failed += alive ? 0 : 1;
    };
    TaskGroup group(executor);
    for (int i = 0; i < 3; ++i) group.spawn(one());
    co_await group.join();
    EXPECT_EQ(failed, 3);
    co_await session.wait_until_ended();
    co_return *session.failure();
  };
  EXPECT_EQ(expect_failure(login_script("") + "C: m3 NOOP\nC: m4 NOOP\nC: m5 NOOP\n", act).kind, ErrorKind::network);
}

TEST(End, Logout_SaysGoodbyeAndCloses) {
  auto act = [](Session& session) -> Task<Result<void>> {
    co_await session.logout();
    EXPECT_TRUE(session.failure());
    co_return ok();
  };
  expect_conversation(login_script("") + "C: m3 LOGOUT\nS: * BYE see you\nS: m3 OK\n", act);
}

TEST(End, LogoutOnASilentServer_TakesAFewSecondsAtMost) {
  auto act = [](Session& session) -> Task<Result<void>> {
    co_await session.logout();
    co_return ok();
  };
  World world;
  ScriptedServer server(world, login_script("") + "C: m3 LOGOUT\nHANG\n");
  const auto started = world.clock.steady_now();
  EXPECT_TRUE(perform(world, server, plain_options(), act));
  EXPECT_LE(world.clock.steady_now() - started, 6s);
}

}  // namespace
}  // namespace mailmirror::imap::client
