// Several devices mirror one account: what one changes, the others get; nobody sees anything twice.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

#include <random>

namespace mailmirror::testing {
namespace {

using ::testing::SizeIs;

struct TwoDevices : ::testing::Test {
  TwoDevices() {
    uids = world.fill("INBOX", 8);
    EXPECT_TRUE(passes(world.device));
    EXPECT_TRUE(passes(other));
  }
  /// Both pass until news of each has reached the other.
  ::testing::AssertionResult settle() {
    for (const Device* device : {&world.device, &other, &world.device})
      if (const auto passed = passes(*device); !passed) return passed;
    const auto first = same_on_both_sides(world.probe, world.device);
    return first ? same_on_both_sides(world.probe, other) : first;
  }
  fs::path file_at_other(std::uint32_t uid) {
    const auto here = world.file_of("INBOX", uid);
    for (const auto& message : other.maildir().messages("INBOX"))
      if (message.bytes == read_file(here)) return message.file;
    return {};
  }

  World world;
  Device other{{.port = world.server.port()}};
  std::vector<std::uint32_t> uids;
};

TEST_F(TwoDevices, NewMessagesOnBoth_EachGetsTheOthers) {
  world.maildir.deliver("INBOX", world.generator.file(Shape::plain));
  other.maildir().deliver("INBOX", world.generator.file(Shape::plain));
  EXPECT_TRUE(settle());
  EXPECT_EQ(world.probe.status("INBOX").messages, 10U);
}

TEST_F(TwoDevices, FlagsOnBoth_Merge) {
  set_letters(world.file_of("INBOX", uids[0]), "S");
  set_letters(file_at_other(uids[0]), "F");
  EXPECT_TRUE(settle());
  EXPECT_EQ(letters_of(world.file_of("INBOX", uids[0])), "FS");
}

TEST_F(TwoDevices, RemovedOnOneFlaggedOnTheOther_DeletionWins) {
  const auto doomed = file_at_other(uids[0]);
  fs::remove(world.file_of("INBOX", uids[0]));
  set_letters(doomed, "F");
  EXPECT_TRUE(settle());
  EXPECT_EQ(world.probe.status("INBOX").messages, 7U);
}

TEST_F(TwoDevices, MovedToDifferentFolders_OneCopyRemains) {
  const auto there = file_at_other(uids[0]);
  move_to(world.file_of("INBOX", uids[0]), world.maildir.folder("Archive"));
  move_to(there, other.maildir().folder("Junk"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(world.probe.status("INBOX").messages, 7U);
  EXPECT_EQ(world.probe.status("Archive").messages + world.probe.status("Junk").messages, 1U);
}

TEST_F(TwoDevices, BothDaemonsAndATurmoil_AllEndEqual) {
  auto first = world.device.start_daemon();
  auto second = other.start_daemon();
  std::mt19937_64 engine(42);
  for (int round = 0; round < 20; ++round) {
    const auto& device = engine() % 2 == 0 ? world.device : other;
    const LocalMaildir maildir = device.maildir();
    const auto files = maildir.files("INBOX");
    switch (engine() % 4) {
      case 0: maildir.deliver("INBOX", world.generator.file(Shape::plain)); break;
      case 1: world.fill("INBOX", 1); break;
      case 2: world.probe.add_flags("INBOX", uids[engine() % uids.size()], "\\Answered"); break;
      default:
        try {
          if (!files.empty()) set_letters(files[engine() % files.size()], "FS");
        } catch (const fs::filesystem_error&) {
          // The daemon was quicker with a rename of its own; a mail reader would look again.
        }
    }
    std::this_thread::sleep_for(Milliseconds(engine() % 200));
  }
  EXPECT_TRUE(becomes_same(world.probe, world.device, Milliseconds(20'000))) << first.errors();
  EXPECT_TRUE(becomes_same(world.probe, other, Milliseconds(20'000))) << second.errors();
  EXPECT_EQ(first.stop(), 0);
  EXPECT_EQ(second.stop(), 0);
  EXPECT_TRUE(settle());
}

}  // namespace
}  // namespace mailmirror::testing
