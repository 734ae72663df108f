// What people see, to the letter.
#include "cli/render_event.hpp"
#include "cli/render_history.hpp"
#include "cli/render_results.hpp"
#include "cli/render_status.hpp"
#include "cli/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <sstream>

namespace mailmirror::cli {
namespace {

using namespace daemon::control;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow{1767225600s};
const Look kPlain{};
const Look kColoured{Look::Colours::on, std::nullopt};

MailboxStatus mailbox(const std::string& name, std::uint64_t messages, std::uint64_t unseen) {
  MailboxStatus made;
  made.name = name;
  made.messages = messages;
  made.unseen = unseen;
  return made;
}

AccountStatus work() {
  AccountStatus account;
  account.name = "work";
  account.state = "idle";
  account.push = "notify";
  account.last_sync = kNow - 12s;
  account.connections = 2;
  account.bytes_in = 1536;
  account.bytes_out = 10;
  account.mailboxes = {mailbox("Archive/2024", 433, 0), mailbox("INBOX", 1204, 12)};
  return account;
}

TEST(RenderStatus, AccountsThatAreWell_AtAGlance) {
  EXPECT_EQ(render_status({"0.1.0", 7200, {work()}}, kNow, kPlain),
            "mailmirrord 0.1.0, running for 2 h\n"
            "\n"
            "work: idle, push by NOTIFY, last sync 12 s ago, 1637 messages in 2 mailboxes, 12 unseen, 2 connections, 1.5 KiB in, "
            "10 B out\n"
            "  MAILBOX       MESSAGES  UNSEEN\n"
            "  Archive/2024       433       0\n"
            "  INBOX             1204      12\n");
}

TEST(RenderStatus, Trouble_SaysWhatAndWhenAgain) {
  AccountStatus home;
  home.name = "home";
  home.state = "failed";
  home.error = "imap.example.org refused the login: change the password";
  home.retry_at = kNow + 240s;
  auto broken = mailbox("Lists", 5, 0);
  broken.error = "permission denied";
  broken.pending_remote = 3;
  broken.pending_local = 1;
  home.mailboxes = {broken};
  EXPECT_EQ(render_status({"0.1.0", 5, {home}}, kNow, kPlain),
            "mailmirrord 0.1.0, running for 5 s\n"
            "\n"
            "home: failed, never in sync yet, 5 messages in 1 mailbox, 0 unseen\n"
            "  imap.example.org refused the login: change the password\n"
            "  tried again in 4 min\n"
            "  MAILBOX  MESSAGES  UNSEEN\n"
            "  Lists           5       0  3 to download, 1 to upload\n"
            "    permission denied\n");
}

TEST(RenderStatus, HeldAndPaused_NameTheCommands) {
  auto account = work();
  account.state = "held";
  account.mailboxes[1].held = 80;
  EXPECT_THAT(render_status({"1", 0, {account}}, kNow, kPlain),
              HasSubstr("\n  80 deletions held: 'mailmirror approve work' lets them happen, 'mailmirror reject work' brings the "
                        "messages back\n"));
  account.state = "paused";
  account.retry_at = kNow;
  EXPECT_THAT(render_status({"1", 0, {account}}, kNow, kPlain),
              AllOf(HasSubstr("\n  paused: 'mailmirror resume work' goes on\n"), Not(HasSubstr("tried again"))));
}

TEST(RenderStatus, NothingKnownYet_IsShort) {
  AccountStatus account;
  account.name = "work";
  account.state = "connecting";
  account.retry_at = kNow - 1s;
  EXPECT_EQ(render_status({"1", 0, {account}}, kNow, kPlain),
            "mailmirrord 1, running for 0 s\n\nwork: connecting, never in sync yet\n  tried again now\n");
}

TEST(RenderStatus, SyncUnderWay_ShowsHowFar) {
  auto account = work();
  account.state = "syncing";
  account.in_flight = InFlight{120, 5000, 2048};
  EXPECT_THAT(render_status({"1", 0, {account}}, kNow, kPlain),
              HasSubstr("work: syncing, 120 of 5000 done, 2.0 KiB, push by NOTIFY"));
}

TEST(RenderStatus, NarrowTerminal_NoLineIsWider) {
  auto account = work();
  account.error = "a rather long message about what went wrong, where, and what may be done about it now";
  account.mailboxes.push_back(mailbox("Lists/a very long mailbox name that doesn't fit/at all", 1, 0));
  const auto text = render_status({"1", 0, {account}}, kNow, Look{Look::Colours::off, 50});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 50U) << line;
  EXPECT_THAT(text, HasSubstr("…"));
}

TEST(RenderStatus, Colours_OnlyWhereTheyAreOn) {
  EXPECT_THAT(render_status({"1", 0, {work()}}, kNow, kColoured), HasSubstr("\x1b[1mwork\x1b[0m: \x1b[32midle\x1b[0m, push"));
  EXPECT_THAT(render_status({"1", 0, {work()}}, kNow, kPlain), Not(HasSubstr("\x1b")));
}

TEST(RenderStatus, HostileNames_AreMadeHarmless) {
  auto account = work();
  account.error = "\x1b]0;owned\x07";
  account.mailboxes[0].name = "\x1b[2Jx";
  EXPECT_THAT(render_status({"1", 0, {account}}, kNow, kPlain), Not(HasSubstr("\x1b")));
}

struct RenderEvent : ::testing::Test {
  RenderEvent() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    event.account = "work";
    event.mailbox = "INBOX";
    event.time = kNow + 3723s;
    event.uid = 7;
  }
  std::string render(const std::string& type, const std::string& origin = "") {
    event.type = type;
    event.origin = origin;
    return render_event(event, kPlain);
  }
  Event event;
};

TEST_F(RenderEvent, Messages_TellTheSide) {
  event.path = "INBOX/cur/x:2,S";
  EXPECT_EQ(render("message-added", "remote"), "01:02:03 work/INBOX  downloaded message 7: INBOX/cur/x:2,S\n");
  EXPECT_EQ(render("message-added", "local"), "01:02:03 work/INBOX  uploaded message 7: INBOX/cur/x:2,S\n");
  EXPECT_EQ(render("message-removed", "remote"), "01:02:03 work/INBOX  message 7 was deleted on the server\n");
  EXPECT_EQ(render("message-moved", "local"), "01:02:03 work/INBOX  message 7 was moved here: INBOX/cur/x:2,S\n");
  event.flags = std::vector<std::string>{"\\Seen", "project-x"};
  EXPECT_EQ(render("flags-changed", "remote"), "01:02:03 work/INBOX  flags of message 7 changed on the server: \\Seen project-x\n");
}

TEST_F(RenderEvent, OtherEvents_HaveTheirWords) {
  event.uid.reset();
  EXPECT_EQ(render("mailbox-created", "local"), "01:02:03 work/INBOX  mailbox created here\n");
  EXPECT_EQ(render("mailbox-removed", "remote"), "01:02:03 work/INBOX  mailbox removed on the server\n");
  event.mailbox.clear();
  EXPECT_EQ(render("connected"), "01:02:03 work  connected\n");
  event.message = "connection reset";
  EXPECT_EQ(render("disconnected"), "01:02:03 work  disconnected: connection reset\n");
  EXPECT_EQ(render("error"), "01:02:03 work  error: connection reset\n");
  event.ok = false;
  EXPECT_EQ(render("sync-finished"), "01:02:03 work  sync failed: connection reset\n");
  event.progress = InFlight{3, 4, 2048};
  EXPECT_EQ(render("progress"), "01:02:03 work  3 of 4, 2.0 KiB\n");
  EXPECT_EQ(render("of-a-later-version"), "01:02:03 work  of-a-later-version: connection reset\n");
}

TEST_F(RenderEvent, HostileText_IsMadeHarmless) {
  event.path = "x\x1b[2J\ny";
  EXPECT_EQ(render("message-added", "remote"), "01:02:03 work/INBOX  downloaded message 7: x\uFFFD[2J y\n");
}

TEST_F(RenderEvent, Progress_IsABarThatFits) {
  event.progress = InFlight{1700, 5000, 3565158};
  EXPECT_EQ(render_progress(event, 60), "work/INBOX [#########-------------------] 1700/5000  3.4 MiB");
  for (std::size_t width = 1; width < 100; ++width) EXPECT_LE(display_width(render_progress(event, width)), width);
  event.progress = InFlight{9, 0, 0};
  EXPECT_EQ(render_progress(event, 40), "work/INBOX [------------------] 0/0  0 B");
}

TEST(RenderOutcome, WhatWasDone_IsCounted) {
  EXPECT_EQ(render_outcome({}), "in sync: nothing to do\n");
  EXPECT_EQ(render_outcome({true, {}, 3, 1, 0, 1, 0}), "in sync: 3 downloaded, 1 uploaded, 1 flag change\n");
  EXPECT_EQ(render_outcome({false, {"p"}, 0, 0, 0, 0, 0}), "not in sync: nothing was done\n");
  EXPECT_EQ(render_outcome({false, {"p"}, 0, 0, 2, 0, 80}), "not in sync: 2 removed\n80 deletions held: see 'mailmirror held'\n");
}

TEST(RenderHeld, EachMailbox_SaysWhereSinceWhenAndWhy) {
  EXPECT_EQ(render_held({}, kPlain), "nothing is held\n");
  HeldMailbox held;
  held.account = "work";
  held.mailbox = "Archive";
  held.held = 80;
  held.messages = 100;
  held.on_server = 80;
  held.since = kNow;
  held.reason = "many";
  EXPECT_EQ(
      render_held({held}, kPlain),
      "work/Archive: 80 of 100 messages would go: 80 on the server, since 2026-01-01 00:00:00\n"
      "  more within an hour than guard_messages and guard_percent allow\n"
      "'mailmirror approve ACCOUNT[/MAILBOX]' lets them happen, 'mailmirror reject ACCOUNT[/MAILBOX]' brings the messages back\n");
  held.on_server = 0;
  held.here = 78;
  held.orphans = 2;
  held.reason = "all";
  EXPECT_THAT(render_held({held}, kPlain), HasSubstr("would go: 78 here, 2 that the server lost, since"));
}

TEST(RenderPasses, EachPass_HasALine) {
  EXPECT_EQ(render_passes({}, kPlain), "the history is empty\n");
  PassEntry pass;
  pass.account = "work";
  pass.pass = 12;
  pass.time = kNow;
  pass.added = 1;
  pass.removed = 5;
  pass.resting = 3;
  pass.restored = 1;
  pass.flags_changed = 1;
  pass.mailboxes = {"INBOX", "a", "b", "c", "d", "e"};
  EXPECT_EQ(render_passes({pass}, kPlain),
            "work     12 2026-01-01 00:00:00  INBOX, a, b, c, and 2 more: 1 added, 5 removed (3 in the attic, 1 brought back), 1 flag change\n");
}

TEST(RenderUndo, WhatDidNotComeBack_IsToldWithItsReason) {
  UndoOutcome undone;
  undone.account = "work";
  undone.restored = 2;
  undone.restored_before = 1;
  undone.lost = 1;
  undone.messages.resize(3);
  undone.messages.push_back({12, "INBOX", 7, "deleted-here", "", "nobody kept\x1b its bytes"});
  EXPECT_EQ(render_undo(undone),
            "work: 2 messages came back\n1 message had been brought back before\n1 message can't be brought back:\n"
            "  INBOX, UID 7: nobody kept\xef\xbf\xbd its bytes\n");
  undone.restored = undone.restored_before = 0;
  EXPECT_THAT(render_undo(undone), HasSubstr("'mailmirror undo --list' shows all passes"));
  undone.restored = 2;
  undone.dry_run = true;
  undone.messages.clear();
  EXPECT_EQ(render_undo(undone).substr(0, 32), "work: 2 messages would come back");
}

}  // namespace
}  // namespace mailmirror::cli
