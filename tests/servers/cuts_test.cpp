// The line breaks after any number of bytes: passes that follow make both sides equal, with nothing lost and nothing twice.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <random>

namespace mailmirror::testing {
namespace {

constexpr int kMessages = 60;
constexpr int kCuts = 6;
constexpr int kPassesAtMost = 12;

class CutLine : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  CutLine() {
    world.device.account.port = proxy.port();
    // The positions of the cuts mean the same on every run only without compression.
    world.device.account.more = "compress = false\nguard_messages = 1000\n";
  }

  /// The next connections are cut: half of them early, within login and listing, half of them anywhere.
  void plan_cuts(std::uint64_t furthest) {
    std::mt19937_64 engine(GetParam());
    std::vector<std::uint64_t> cuts;
    for (int i = 0; i < kCuts; ++i) cuts.push_back(1 + engine() % (i % 2 == 0 ? 3'000 : furthest));
    proxy.cut_after(cuts);
  }

  /// Until no cut is left and a pass is clean.
  ::testing::AssertionResult passes_at_last() {
    RunResult result;
    for (int i = 0; i < kPassesAtMost; ++i) {
      result = world.device.once();
      if (result.code == 0 && proxy.cuts_left() == 0) return ::testing::AssertionSuccess();
      if (result.code != 0 && result.code != 1) break;
    }
    return ::testing::AssertionFailure() << "no clean pass: " << result;
  }

  World world;
  TcpProxy proxy{world.server.port()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, CutLine, ::testing::Range<std::uint64_t>(1, 9));

TEST_P(CutLine, FirstMirror_EndsEqual) {
  std::vector<std::string> files;
  for (int i = 0; i < kMessages; ++i) {
    files.push_back(world.generator.file(i % 10 == 0 ? Shape::long_lines : Shape::plain));
    world.probe.append("INBOX", with_crlf(files.back()));
  }
  plan_cuts(300'000);
  EXPECT_TRUE(passes_at_last());
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
  EXPECT_TRUE(holds_exactly(world.probe, "INBOX", files));
}

TEST_P(CutLine, Uploads_EndEqualAndNothingTwice) {
  ASSERT_TRUE(passes(world.device));
  std::vector<std::string> files;
  for (int i = 0; i < kMessages; ++i) {
    files.push_back(world.generator.file(i % 10 == 0 ? Shape::long_lines : Shape::plain));
    world.maildir.deliver("INBOX", files.back(), "S");
  }
  plan_cuts(300'000);
  EXPECT_TRUE(passes_at_last());
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
  EXPECT_TRUE(holds_exactly(world.probe, "INBOX", files));
}

TEST_P(CutLine, MovesAndDeletions_EndEqual) {
  const auto uids = world.fill("INBOX", 24);
  ASSERT_TRUE(passes(world.device));
  for (std::size_t i = 0; i < uids.size(); ++i) {
    const auto file = world.file_of("INBOX", uids[i]);
    if (i % 3 == 0) move_to(file, world.maildir.folder("Archive"));
    if (i % 3 == 1) set_letters(file, "S");
    if (i % 6 == 2) fs::remove(file);
  }
  plan_cuts(5'000);
  EXPECT_TRUE(passes_at_last());
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
  EXPECT_EQ(world.probe.status("Archive").messages, 8U);
  EXPECT_EQ(world.probe.status("INBOX").messages, 12U);
}

class LostAnswer : public ::testing::TestWithParam<Setting> {};
INSTANTIATE_TEST_SUITE_P(All, LostAnswer, ::testing::ValuesIn(all_settings()), setting_name);

/// Nothing but their bytes tells such messages apart: a MOVE or COPY whose answer was lost mustn't be made again.
TEST_P(LostAnswer, ToTheMoveOfMessagesWithoutMessageId_NothingTwice) {
  World world(GetParam());
  TcpProxy proxy(world.server.port());
  world.device.account.port = proxy.port();
  std::vector<std::uint32_t> uids;
  std::vector<std::string> files;
  for (int n = 10; n < 34; ++n) {
    files.push_back("Subject: x\n\nbody " + std::to_string(n) + "\n");
    uids.push_back(world.probe.append("INBOX", "Subject: x\r\n\r\nbody " + std::to_string(n) + "\r\n"));
  }
  ASSERT_TRUE(passes(world.device));
  std::vector<std::string> moved;
  for (std::size_t i = 0; i < uids.size(); i += 4) {
    move_to(world.file_of("INBOX", uids[i]), world.maildir.folder("Archive"));
    moved.push_back(files[i]);
  }
  proxy.lose_answer_to(GetParam().profile == Profile::no_uidplus ? "UID COPY" : "UID MOVE");
  static_cast<void>(world.device.once());
  EXPECT_TRUE(proxy.answer_lost());
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
  EXPECT_TRUE(holds_exactly(world.probe, "Archive", moved));
  EXPECT_EQ(world.probe.status("INBOX").messages, uids.size() - moved.size());
}

TEST(StalledLine, FlowsAgain_PassEndsClean) {
  World world;
  TcpProxy proxy(world.server.port());
  world.device.account.port = proxy.port();
  world.fill("INBOX", 50);
  proxy.stall();
  MirrorProcess pass = world.device.start({"--once"});
  EXPECT_FALSE(pass.process().wait_for(Milliseconds(1'000)));
  proxy.flow();
  EXPECT_EQ(pass.process().wait_for(Milliseconds(20'000)), 0) << pass.errors();
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

}  // namespace
}  // namespace mailmirror::testing
