// `mode = "pull"` and `"archive"`: nothing that is done here ever reaches the server.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class Modes : public ::testing::TestWithParam<Setting> {
 protected:
  void mirror_in(const std::string& mode) {
    world.device.account.more = "mode = \"" + mode + "\"\ncompress = false\n";
    world.probe.create("Work");
    uids = world.fill("INBOX", 4);
    world.fill("Work", 2);
    ASSERT_TRUE(passes(world.device));
    there = server_snapshot(world.probe);
    world.device.account.port = proxy.port();
    proxy.record();
  }
  fs::path file(std::size_t number) { return world.file_of("INBOX", uids[number]); }

  /// All that local programs can do, at once.
  void meddle() {
    removed = read_file(file(0));
    fs::remove(file(0));
    set_letters(file(1), "FS");
    fs::rename(file(2), world.maildir.folder("Work") / "cur" / file(2).filename());
    world.maildir.deliver("INBOX", world.generator.file(Shape::plain), "S");
    world.maildir.create("Mine");
    world.maildir.deliver("Mine", world.generator.file(Shape::plain));
    fs::rename(world.maildir.folder("Work"), world.maildir.folder("INBOX").parent_path() / "Renamed");
  }
  void expect_nothing_was_told() {
    EXPECT_EQ(server_snapshot(world.probe), there);
    EXPECT_FALSE(says(proxy.spoken(), "APPEND|UID STORE|UID MOVE|UID COPY|EXPUNGE|CREATE|DELETE|RENAME|SUBSCRIBE")) << proxy.spoken();
  }

  World world{GetParam()};
  TcpProxy proxy{world.server.port()};
  std::vector<std::uint32_t> uids;
  std::vector<std::string> there;
  std::string removed;
};
INSTANTIATE_TEST_SUITE_P(All, Modes, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(Modes, PullWhereMuchWasDoneHere_IsUndoneAndTheServerHearsNothing) {
  if (GetParam().layout != Layout::nested) GTEST_SKIP() << "directories are renamed in the nested layout";
  mirror_in("pull");
  meddle();
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes(world.device));
  expect_nothing_was_told();
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(4));
  EXPECT_EQ(read_file(file(0)), removed);
  EXPECT_EQ(letters_of(file(1)), "");
  EXPECT_THAT(world.maildir.files("Work"), SizeIs(2));
  EXPECT_THAT(attic_files(world.device), SizeIs(1)) << "the file that was delivered to INBOX rests there";
  EXPECT_THAT(world.maildir.files("Mine"), SizeIs(1)) << "a folder of the user's own is left alone";
}

TEST_P(Modes, PullWhereTheServerDeletes_Follows) {
  mirror_in("pull");
  world.probe.expunge("INBOX", uids[3]);
  world.probe.remove("Work");
  EXPECT_TRUE(passes(world.device));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(3));
  EXPECT_THAT(attic_files(world.device), SizeIs(3));
  EXPECT_FALSE(says(proxy.spoken(), "APPEND|CREATE|SUBSCRIBE")) << proxy.spoken();
}

/// The user's own file doesn't make the mailbox come again.
TEST_P(Modes, PullWhereTheServerDeletesAMailboxThatHoldsMore_IsNotMadeAgain) {
  mirror_in("pull");
  world.maildir.deliver("Work", world.generator.file(Shape::plain), "S");
  world.probe.remove("Work");
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes(world.device));
  EXPECT_FALSE(says(proxy.spoken(), "APPEND|CREATE|SUBSCRIBE")) << proxy.spoken();
}

TEST_P(Modes, ArchiveWhereTheServerDeletes_KeepsAllAndTakesTheNew) {
  mirror_in("archive");
  world.probe.expunge("INBOX", uids[0]);
  world.probe.remove("Work");
  world.fill("INBOX", 1);
  EXPECT_TRUE(passes(world.device));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(5));
  EXPECT_THAT(world.maildir.files("Work"), SizeIs(2));
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Modes, ArchiveWhereMuchWasDoneHere_TheServerHearsNothing) {
  if (GetParam().layout != Layout::nested) GTEST_SKIP() << "directories are renamed in the nested layout";
  mirror_in("archive");
  meddle();
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes(world.device));
  expect_nothing_was_told();
  EXPECT_THAT(attic_files(world.device), IsEmpty());
  EXPECT_THAT(world.maildir.files("Mine"), SizeIs(1));
}

}  // namespace
}  // namespace mailmirror::testing
