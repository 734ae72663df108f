// The mass-deletion guard with a real server, over several passes and starts of the program.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace mailmirror::testing {
namespace {

using Json = nlohmann::json;
using ::testing::SizeIs;

/// A hundred messages in INBOX, mirrored.
struct GuardOverTime : ::testing::Test {
  GuardOverTime() {
    world.fill("INBOX", 100);
    EXPECT_TRUE(passes(world.device));
  }
  void delete_here(std::size_t count) {
    const auto files = world.maildir.files("INBOX");
    ASSERT_GE(files.size(), count);
    for (std::size_t n = 0; n < count; ++n) fs::remove(files[n]);
  }
  [[nodiscard]] std::size_t count_there() { return world.probe.fetch_all("INBOX").size(); }

  World world;
};

TEST_F(GuardOverTime, DeletedHereInSmallPasses_IsHeldOnceItIsMuchTogether) {
  delete_here(30);
  ASSERT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 70U);
  delete_here(30);
  EXPECT_TRUE(fails_saying(world.device, "30 deletion.*held"));
  EXPECT_EQ(count_there(), 70U);
}

TEST_F(GuardOverTime, DeletedThereInSmallPasses_IsHeldOnceItIsMuchTogether) {
  const auto expunge = [&](std::uint32_t first, std::uint32_t last) {
    for (auto uid = first; uid <= last; ++uid) world.probe.expunge("INBOX", uid);
  };
  expunge(1, 30);
  ASSERT_TRUE(passes(world.device));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(70));
  expunge(31, 60);
  EXPECT_TRUE(fails_saying(world.device, "30 deletion.*held"));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(70));
}

/// A hundred messages in INBOX and twelve in Work, mirrored by a daemon that runs.
struct HeldDeletions : ::testing::Test {
  HeldDeletions() {
    world.probe.create("Work");
    world.fill("INBOX", 100);
    world.fill("Work", 12);
    start();
    EXPECT_TRUE(becomes_same(world.probe, world.device, Milliseconds(30'000))) << daemon->errors();
  }
  void start() { daemon.emplace(world.device.start_daemon()); }
  void restart() {
    daemon->stop();
    start();
  }
  /// Here, and what came to rest is held.
  std::vector<fs::path> set_aside(std::size_t count) {
    auto files = world.maildir.files("INBOX");
    files.resize(count);
    fs::create_directories(aside);
    for (const auto& file : files) fs::rename(file, aside / file.filename());
    EXPECT_TRUE(becomes_held(count)) << daemon->errors();
    return files;
  }
  void sync() { static_cast<void>(world.device.control({"sync", "--wait"}, Milliseconds(60'000))); }
  Json held() {
    const auto result = world.device.control({"held", "--json"});
    EXPECT_EQ(result.code, 0) << result;
    return Json::parse(result.out).at("held");
  }
  bool becomes_held(std::size_t count) {
    return eventually(Milliseconds(30'000), [&] { return held().size() == 1 && held()[0].at("held") == count; });
  }
  bool becomes(const std::string& mailbox, std::size_t count) {
    return eventually(Milliseconds(30'000), [&] { return world.probe.status(mailbox).messages == count; });
  }
  bool nothing_held() {
    return eventually(Milliseconds(30'000), [&] { return held().empty(); });
  }

  World world;
  fs::path aside = world.device.folder() / "aside";
  std::optional<MirrorProcess> daemon;
};

TEST_F(HeldDeletions, OverARestart_AreStillHeldAndApprovalLetsThemHappen) {
  set_aside(60);
  const auto before = held();
  ASSERT_THAT(before, SizeIs(1));
  EXPECT_EQ(before[0].at("mailbox"), "INBOX");
  EXPECT_EQ(before[0].at("on_server"), 60);
  EXPECT_EQ(before[0].at("here"), 0);
  EXPECT_EQ(before[0].at("reason"), "many");
  EXPECT_THAT(before[0].at("entries"), SizeIs(60));
  restart();
  EXPECT_EQ(held(), before);
  sync();
  EXPECT_EQ(held(), before);
  EXPECT_EQ(world.probe.status("INBOX").messages, 100U);
  EXPECT_EQ(world.device.control({"approve", "work/INBOX"}).code, 0);
  EXPECT_TRUE(becomes("INBOX", 40)) << daemon->errors();
  EXPECT_TRUE(nothing_held());
}

TEST_F(HeldDeletions, WhatCameBack_IsDroppedAndTheRestGoesOnWaiting) {
  const auto files = set_aside(60);
  for (std::size_t n = 0; n < 20; ++n) fs::rename(aside / files[n].filename(), files[n]);
  sync();
  EXPECT_TRUE(becomes_held(40)) << "under the limits by now, but held before";
  EXPECT_EQ(world.device.control({"approve", "work"}).code, 0);
  EXPECT_TRUE(becomes("INBOX", 60)) << daemon->errors();
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
}

TEST_F(HeldDeletions, RejectedAfterARestart_ComeBack) {
  // While nobody looks: a daemon that hears of each would carry out the first ones, which are few.
  daemon->stop();
  for (std::uint32_t uid = 1; uid <= 60; ++uid) world.probe.expunge("INBOX", uid);
  start();
  sync();
  restart();
  const auto waiting = held();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].at("here"), 60);
  EXPECT_EQ(world.device.control({"reject", "work/INBOX"}).code, 0);
  EXPECT_TRUE(becomes("INBOX", 100)) << daemon->errors();
  EXPECT_TRUE(nothing_held());
  EXPECT_THAT(attic_files(world.device), SizeIs(0));
}

TEST_F(HeldDeletions, OfAWholeMailbox_AreDecidedByTheNameAlone) {
  world.probe.remove("Work");
  sync();
  const auto waiting = held();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].at("mailbox"), "Work");
  EXPECT_EQ(waiting[0].at("reason"), "mailbox-deleted");
  restart();
  EXPECT_EQ(held(), waiting);
  EXPECT_EQ(world.device.control({"approve", "work/Work"}).code, 0);
  EXPECT_TRUE(eventually(Milliseconds(30'000), [&] { return !fs::exists(world.maildir.folder("Work")); })) << daemon->errors();
  EXPECT_THAT(attic_files(world.device), SizeIs(12));
  EXPECT_TRUE(nothing_held());
}

TEST_F(HeldDeletions, OfAnEmptiedRoot_HoldTheAccountOverARestart) {
  daemon->stop();
  fs::rename(world.maildir.root(), aside);
  fs::create_directories(world.maildir.root());
  for (int starts = 0; starts < 2; ++starts) {
    start();
    EXPECT_TRUE(eventually(Milliseconds(20'000), [&] { return says(world.device.control({"status"}).out, "is its disk mounted"); }));
    daemon->stop();
  }
  EXPECT_EQ(world.probe.status("INBOX").messages, 100U);
  fs::remove_all(world.maildir.root());
  fs::rename(aside, world.maildir.root());
  start();
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
}

}  // namespace
}  // namespace mailmirror::testing
