// The mass-deletion guard with a real server, over several passes and starts of the program.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

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

}  // namespace
}  // namespace mailmirror::testing
