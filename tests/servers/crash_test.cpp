// kill -9 at any moment: the next pass makes both sides equal, with nothing lost and nothing twice.
#include "tests/servers/world.hpp"

#include <signal.h>

#include <random>
#include <regex>

namespace mailmirror::testing {
namespace {

constexpr int kMessages = 120;
/// A kill each, at a moment below its number of milliseconds: whether the machine is quick or slow, some fall into the pass's
/// middle.
constexpr std::uint64_t kLatestKills[] = {30, 100, 400};

/// Moments from a seed, in milliseconds after the start.
class Moments {
 public:
  explicit Moments(std::uint64_t seed) : engine_(seed) {}
  Milliseconds below(std::uint64_t latest) { return Milliseconds(engine_() % latest); }

 private:
  std::mt19937_64 engine_;
};

/// Starts passes and kills each one.
void kill_passes(const Device& device, Moments& moments) {
  for (const auto latest : kLatestKills) {
    MirrorProcess pass = device.start({"--once"});
    pass.process().wait_for(moments.below(latest));
    pass.kill_now();
  }
}

class KilledPass : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, KilledPass, ::testing::Range<std::uint64_t>(1, 9));

TEST_P(KilledPass, FirstMirror_ContinuesWithoutLossOrDoubles) {
  World world;
  Moments moments(GetParam());
  std::vector<std::string> files;
  for (int i = 0; i < kMessages; ++i) {
    files.push_back(world.generator.file(i % 20 == 0 ? Shape::long_lines : Shape::plain));
    world.probe.append(i % 3 == 0 ? "Archive" : "INBOX", with_crlf(files.back()), {"\\Seen"});
  }
  const auto before = server_snapshot(world.probe);
  kill_passes(world.device, moments);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(server_snapshot(world.probe), before);
}

TEST_P(KilledPass, Uploads_ContinueWithoutLossOrDoubles) {
  World world({.profile = GetParam() % 2 == 0 ? Profile::everything : Profile::no_uidplus});
  Moments moments(GetParam() + 1000);
  ASSERT_TRUE(passes(world.device));
  std::vector<std::string> files;
  for (int i = 0; i < kMessages; ++i) {
    files.push_back(world.generator.file(i % 20 == 0 ? Shape::long_lines : Shape::plain));
    world.maildir.deliver("INBOX", files.back(), "S");
  }
  kill_passes(world.device, moments);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_TRUE(holds_exactly(world.probe, "INBOX", files));
}

TEST_P(KilledPass, ChangesOfEveryKind_ContinueWithoutLossOrDoubles) {
  World world;
  Moments moments(GetParam() + 2000);
  const auto uids = world.fill("INBOX", 40);
  ASSERT_TRUE(passes(world.device));
  world.device.account.more = "guard_messages = 1000\n";
  for (std::size_t i = 0; i < uids.size(); ++i) {
    const auto file = world.file_of("INBOX", uids[i]);
    if (i % 4 == 0) set_letters(file, "FS");
    if (i % 4 == 1) move_to(file, world.maildir.folder("Archive"));
    if (i % 4 == 2) world.probe.move("INBOX", uids[i], "Sent");
    if (i % 8 == 3) world.probe.expunge("INBOX", uids[i]);
  }
  kill_passes(world.device, moments);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.status("INBOX").messages, 15U);
  EXPECT_EQ(world.probe.status("Archive").messages, 10U);
  EXPECT_EQ(world.probe.status("Sent").messages, 10U);
}

/// The kill comes once the disk shows that the pass is in its middle.
TEST(KilledMidway, FirstMirror_ContinuesWithoutLossOrDoubles) {
  World world;
  world.fill("INBOX", 300);
  for (const std::size_t enough : {1U, 60U, 180U}) {
    MirrorProcess pass = world.device.start({"--once"});
    EXPECT_TRUE(eventually(Milliseconds(20'000),
                           [&] { return world.maildir.files("INBOX").size() >= enough || !pass.process().running(); }));
    pass.kill_now();
  }
  EXPECT_TRUE(passes_and_same(world));
}

/// The file that a download leaves which was cut between its name and its record: as if for `uid`.
fs::path leave_unrecorded(const World& world, const fs::path& like, std::uint32_t uid, const std::string& bytes) {
  auto name = like.filename().string();
  name = std::regex_replace(name, std::regex("U[0-9]+M"), "U" + std::to_string(uid) + "M");
  const auto file = world.maildir.folder("INBOX") / "cur" / (name.substr(0, name.find(":2,")) + ":2,");
  write_file(file, bytes);
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
  return file;
}

TEST(UnrecordedDownload, ExpungedBeforeTheRestart_RestsInTheAttic) {
  World world;
  const auto uids = world.fill("INBOX", 3);
  ASSERT_TRUE(passes_and_same(world));
  leave_unrecorded(world, world.file_of("INBOX", uids[0]), uids[2] + 1, world.generator.file(Shape::plain));
  world.probe.expunge("INBOX", world.fill("INBOX", 1).front());
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.fetch_all("INBOX").size(), 3U);
  EXPECT_EQ(attic_files(world.device).size(), 1U);
}

TEST(UnrecordedDownload, DeadForLong_IsANewMessage) {
  World world;
  const auto uids = world.fill("INBOX", 3);
  world.probe.expunge("INBOX", uids[1]);
  ASSERT_TRUE(passes_and_same(world));
  leave_unrecorded(world, world.file_of("INBOX", uids[0]), uids[1], world.generator.file(Shape::plain));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.fetch_all("INBOX").size(), 3U);
  EXPECT_TRUE(attic_files(world.device).empty());
}

}  // namespace
}  // namespace mailmirror::testing
