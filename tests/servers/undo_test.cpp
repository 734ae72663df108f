// Undo with a real server: what another client deleted comes back on both sides, once.
#include "tests/servers/world.hpp"

#include <fmt/chrono.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>

namespace mailmirror::testing {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Three messages in Work, mirrored, and the daemon runs.
class Undo : public ::testing::TestWithParam<Setting> {
 protected:
  Undo() {
    world.probe.create("Work");
    uids = world.fill("Work", 3);
    world.probe.add_flags("Work", uids[0], "\\Flagged \\Answered $Important");
    daemon.emplace(world.device.start_daemon());
    EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  }
  void expunge_there(std::uint32_t uid) {
    const auto left = world.maildir.files("Work").size() - 1;
    world.probe.expunge("Work", uid);
    ASSERT_TRUE(eventually(Milliseconds(15'000), [&] { return world.maildir.files("Work").size() == left; })) << daemon->errors();
    ASSERT_TRUE(is_recorded(left));
  }
  bool is_recorded(std::size_t messages) {
    return eventually(Milliseconds(15'000), [&] {
      const auto status = Json::parse(world.device.control({"status", "--json"}).out);
      for (const auto& mailbox : status.at("accounts").at(0).at("mailboxes"))
        if (mailbox.at("name") == "Work") return mailbox.at("messages") == messages;
      return false;
    });
  }
  Json undo(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"undo", "--json"});
    const auto result = world.device.control(more);
    EXPECT_EQ(result.code, 0) << result;
    return Json::parse(result.out);
  }

  World world{GetParam()};
  std::vector<std::uint32_t> uids;
  std::optional<MirrorProcess> daemon;
};
INSTANTIATE_TEST_SUITE_P(All, Undo, ::testing::Values(Setting{}, Setting{Profile::everything, Layout::maildir_plus_plus}),
                         setting_name);

TEST_P(Undo, DeletedByAnotherClient_IsBackOnBothSidesWithItsFlagsOnce) {
  const auto before = world.probe.fetch_all("Work").at(0);
  expunge_there(uids[0]);
  ASSERT_THAT(attic_files(world.device), SizeIs(1));
  EXPECT_EQ(undo({"--dry-run"}).at("restored"), 1);
  EXPECT_THAT(world.maildir.files("Work"), SizeIs(2));
  EXPECT_EQ(undo().at("restored"), 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  const auto after = world.probe.fetch_all("Work");
  ASSERT_THAT(after, SizeIs(3));
  EXPECT_EQ(after[2].bytes, before.bytes);
  EXPECT_EQ(after[2].flags, before.flags);
  EXPECT_EQ(after[2].internal_date, before.internal_date);
  const auto again = undo();
  EXPECT_EQ(again.at("restored"), 0);
  EXPECT_EQ(again.at("restored_before"), 1);
  ASSERT_EQ(world.device.control({"sync", "--wait"}).code, 0);
  EXPECT_THAT(world.probe.fetch_all("Work"), SizeIs(3));
  EXPECT_THAT(world.maildir.files("Work"), SizeIs(3));
}

TEST_P(Undo, InInbox_ComesBackWhereverThatIs) {
  const auto inbox = world.fill("INBOX", 2);
  ASSERT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  world.probe.expunge("INBOX", inbox[0]);
  ASSERT_TRUE(eventually(Milliseconds(15'000), [&] { return world.maildir.files("INBOX").size() == 1; })) << daemon->errors();
  ASSERT_EQ(world.device.control({"sync", "--wait"}).code, 0);
  EXPECT_EQ(undo({"work/INBOX"}).at("restored"), 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(2));
}

/// Made while the account is paused, it is uploaded when that ends.
TEST_P(Undo, WhilePaused_IsUploadedLater) {
  expunge_there(uids[0]);
  ASSERT_EQ(world.device.control({"pause"}).code, 0);
  EXPECT_EQ(undo().at("restored"), 1);
  EXPECT_THAT(world.maildir.files("Work"), SizeIs(3));
  ASSERT_EQ(world.device.control({"resume"}).code, 0);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  EXPECT_THAT(world.probe.fetch_all("Work"), SizeIs(3));
}

/// Which one is meant is never guessed.
TEST_P(Undo, WithSeveralAccounts_AsksWhich) {
  daemon->stop();
  world.device.more_tables = "[account.second]\nhost = \"127.0.0.1\"\nport = 9\nuser = \"x\"\npassword = \"y\"\ntls = \"none\"\nmaildir = \"" +
                             (world.device.folder() / "second").string() + "\"\n";
  daemon.emplace(world.device.start_daemon());
  const auto result = world.device.control({"undo"});
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_THAT(result.err, HasSubstr("which account? There is second, work"));
}

TEST_P(Undo, MailboxDeletedThere_IsMadeAgainWithItsMessages) {
  world.probe.remove("Work");
  ASSERT_TRUE(eventually(Milliseconds(15'000), [&] { return !fs::exists(world.maildir.folder("Work")); })) << daemon->errors();
  EXPECT_EQ(undo({"work/Work"}).at("restored"), 3);
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] {
    const auto names = world.probe.mailboxes();
    return std::find(names.begin(), names.end(), "Work") != names.end() && world.probe.status("Work").messages == 3;
  })) << daemon->errors();
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
}

TEST_P(Undo, DeletedHere_IsToldAsLost) {
  fs::remove(world.file_of("Work", uids[1]));
  ASSERT_TRUE(eventually(Milliseconds(20'000), [&] { return world.probe.status("Work").messages == 2; })) << daemon->errors();
  ASSERT_TRUE(is_recorded(2));
  const auto result = world.device.control({"undo"});
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_THAT(result.out, HasSubstr("1 message can't be brought back"));
  EXPECT_THAT(result.out, HasSubstr("UID " + std::to_string(uids[1]) + ": deleted here"));
  EXPECT_THAT(world.maildir.files("Work"), SizeIs(2));
}

TEST_P(Undo, ListAndPass_ChooseWhichOne) {
  expunge_there(uids[0]);
  expunge_there(uids[1]);
  const auto list = Json::parse(world.device.control({"undo", "--list", "--json"}).out).at("passes");
  ASSERT_THAT(list, SizeIs(2));
  EXPECT_GT(list[0].at("pass"), list[1].at("pass"));
  EXPECT_EQ(list[1].at("resting"), 1);
  EXPECT_THAT(list[1].at("mailboxes"), ElementsAre("Work"));
  const auto undone = undo({"--pass", std::to_string(list[1].at("pass").get<int>())});
  ASSERT_THAT(undone.at("messages"), SizeIs(1));
  EXPECT_EQ(undone.at("messages")[0].at("uid"), uids[0]);
  EXPECT_EQ(undo({"--since", "1h"}).at("restored"), 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  EXPECT_THAT(world.probe.fetch_all("Work"), SizeIs(3));
  const auto log = world.device.control({"log"});
  EXPECT_EQ(log.code, 0) << log;
  EXPECT_THAT(log.out, HasSubstr("1 removed (1 brought back)"));
}

/// What a kill leaves after the file went to the attic and before its record did.
TEST_P(Undo, StoppedBetweenTheAtticAndTheRecord_StillKnowsWhereTheBytesRest) {
  daemon->kill_now();
  const auto file = world.file_of("Work", uids[0]);
  world.probe.expunge("Work", uids[0]);
  const auto today = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
  const auto day = world.device.state_folder() / "work/attic" / today / fs::relative(world.maildir.folder("Work"), world.maildir.root());
  for (const auto* place : {"cur", "new", "tmp"}) fs::create_directories(day / place);
  fs::rename(file, day / "cur" / file.filename());
  ASSERT_TRUE(passes(world.device));
  daemon.emplace(world.device.start_daemon());
  ASSERT_TRUE(is_recorded(2));
  EXPECT_EQ(undo().at("restored"), 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  EXPECT_THAT(world.probe.fetch_all("Work"), SizeIs(3));
}

TEST_P(Undo, NothingRemoved_FailsWithTheReason) {
  const auto result = world.device.control({"undo"});
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_THAT(result.err, HasSubstr("no message was removed"));
  const auto elsewhere = world.device.control({"undo", "--pass", "99"});
  EXPECT_THAT(elsewhere.err, HasSubstr("pass 99 removed no message"));
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Undo, WithoutTheDaemon_SaysSo) {
  daemon->stop();
  const auto result = world.device.control({"undo"});
  EXPECT_EQ(result.code, 3) << result;
  EXPECT_THAT(result.err, HasSubstr("mailmirrord"));
}

}  // namespace
}  // namespace mailmirror::testing
