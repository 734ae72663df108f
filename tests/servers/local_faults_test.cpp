// The disk fails, is full, isn't there: nothing of it may look like a deletion, and the rest goes on.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

#include <sys/mount.h>
#include <unistd.h>

namespace mailmirror::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// INBOX and Archive with messages, mirrored.
struct LocalFault : ::testing::Test {
  LocalFault() {
    world.fill("INBOX", 5);
    world.fill("Archive", 5);
  }
  [[nodiscard]] std::size_t count_there(std::string_view mailbox) { return world.probe.status(mailbox).messages; }
  World world;
};

TEST_F(LocalFault, RootVanished_NothingIsDeletedAndItComesBack) {
  ASSERT_TRUE(passes(world.device));
  const fs::path elsewhere = world.device.folder() / "unmounted";
  fs::rename(world.maildir.root(), elsewhere);
  EXPECT_TRUE(fails_saying(world.device, "work"));
  EXPECT_EQ(count_there("INBOX"), 5U);
  fs::remove_all(world.maildir.root());
  fs::rename(elsewhere, world.maildir.root());
  world.fill("INBOX", 1);
  EXPECT_TRUE(passes_and_same(world));
}

TEST_F(LocalFault, RootEmptied_NothingIsDeleted) {
  ASSERT_TRUE(passes(world.device));
  const fs::path elsewhere = world.device.folder() / "unmounted";
  fs::rename(world.maildir.root(), elsewhere);
  fs::create_directory(world.maildir.root());
  EXPECT_TRUE(fails_saying(world.device, "work"));
  EXPECT_EQ(count_there("INBOX"), 5U);
  EXPECT_EQ(count_there("Archive"), 5U);
  EXPECT_THAT(world.maildir.files("INBOX"), IsEmpty());
}

TEST_F(LocalFault, MailboxWithoutItsCur_IsAnErrorAndTheOthersGoOn) {
  ASSERT_TRUE(passes(world.device));
  fs::rename(world.maildir.folder("Archive") / "cur", world.device.folder() / "cur-of-archive");
  world.fill("INBOX", 1);
  EXPECT_TRUE(fails_saying(world.device, "Archive"));
  EXPECT_EQ(count_there("Archive"), 5U);
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(6));
  std::error_code ignored;
  fs::remove(world.maildir.folder("Archive") / "cur", ignored);
  fs::rename(world.device.folder() / "cur-of-archive", world.maildir.folder("Archive") / "cur");
  EXPECT_TRUE(passes_and_same(world));
}

TEST_F(LocalFault, UnreadableDirectory_IsAnErrorAndTheOthersGoOn) {
  // Root may read everything.
  if (::geteuid() == 0) world.device.run_as = nobody();
  if (world.device.run_as) world.device.give_to(*world.device.run_as);
  ASSERT_TRUE(passes(world.device));
  const fs::path closed = world.maildir.folder("Archive") / "new";
  fs::permissions(closed, fs::perms::none);
  fs::permissions(world.maildir.folder("Archive") / "cur", fs::perms::none);
  world.fill("INBOX", 1);
  EXPECT_TRUE(fails_saying(world.device, "Archive(.|\n)*permission|permission(.|\n)*Archive"));
  EXPECT_EQ(count_there("Archive"), 5U);
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(6));
  fs::permissions(closed, fs::perms(0700));
  fs::permissions(world.maildir.folder("Archive") / "cur", fs::perms(0700));
  EXPECT_TRUE(passes_and_same(world));
}

/// A file system of its own, with a limit.
class SmallDisk {
 public:
  explicit SmallDisk(fs::path at) : at_(std::move(at)) { mounted_ = ::mount("none", at_.c_str(), "tmpfs", 0, "size=3m") == 0; }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  void grow() { ASSERT_EQ(::mount("none", at_.c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0); }

 private:
  fs::path at_;
  bool mounted_ = false;
};

TEST_F(LocalFault, FullDisk_IsToldAndGoesOnWhenThereIsSpace) {
  SmallDisk disk(world.maildir.root());
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  for (int i = 0; i < 4; ++i) world.probe.append("INBOX", with_crlf(world.generator.file_of_size(1'500'000)));
  EXPECT_TRUE(fails_saying(world.device, "space|full"));
  EXPECT_EQ(count_there("INBOX"), 9U);
  disk.grow();
  EXPECT_TRUE(passes_and_same(world));
}

TEST_F(LocalFault, MassDeletionHere_IsHeldAndTheDecisionIsKept) {
  world.fill("Archive", 95);
  ASSERT_TRUE(passes(world.device));
  const auto files = world.maildir.files("Archive");
  for (std::size_t i = 0; i < 80; ++i) fs::remove(files[i]);
  world.fill("INBOX", 1);
  EXPECT_TRUE(fails_saying(world.device, "Archive(.|\n)*(held|hold|approve)|(held|hold)(.|\n)*Archive"));
  EXPECT_EQ(count_there("Archive"), 100U);
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(6));
}

}  // namespace
}  // namespace mailmirror::testing
