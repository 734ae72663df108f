// Mailboxes that appear, change their names and go, on either side.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

const std::vector<std::string> kNames{"Empty", "Over/Under", "Grüße", "日本/語", "a \"b\" c", "plain & simple"};

/// "Old" with three messages and the usual mailboxes, mirrored.
class Mailboxes : public ::testing::TestWithParam<Setting> {
 protected:
  Mailboxes() {
    world.probe.create("Old");
    world.fill("Old", 3);
    EXPECT_TRUE(passes(world.device));
  }

  World world{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(All, Mailboxes, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(Mailboxes, CreatedThere_DirectoriesMadeEvenIfEmpty) {
  for (const auto& name : kNames) world.probe.create(name);
  world.fill("Over/Under", 2);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.maildir.mailboxes(), IsSupersetOf(kNames));
}

TEST_P(Mailboxes, CreatedHere_CreatedAndSubscribedThere) {
  for (const auto& name : kNames) world.maildir.create(name);
  world.maildir.deliver("Over/Under", world.generator.file(Shape::plain));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.probe.mailboxes(), IsSupersetOf(kNames));
  EXPECT_THAT(world.probe.subscribed(), IsSupersetOf(kNames));
}

TEST_P(Mailboxes, RenamedThere_DirectoryFollowsWithItsFiles) {
  const auto inode = inode_of(world.maildir.files("Old").at(0));
  world.probe.rename("Old", "Fresh");
  EXPECT_TRUE(passes_and_same(world));
  ASSERT_THAT(world.maildir.files("Fresh"), SizeIs(3));
  EXPECT_EQ(inode_of(world.maildir.files("Fresh")[0]), inode);
  EXPECT_THAT(world.maildir.mailboxes(), Not(Contains("Old")));
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Mailboxes, RenamedHere_RenamedThere) {
  const auto validity = world.probe.status("Old").uid_validity;
  fs::rename(world.maildir.folder("Old"), world.maildir.folder("Fresh"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.probe.mailboxes(), Not(Contains("Old")));
  EXPECT_EQ(world.probe.status("Fresh").uid_validity, validity);
  EXPECT_EQ(world.probe.status("Fresh").messages, 3U);
}

TEST_P(Mailboxes, DeletedThere_FilesRestInTheAttic) {
  world.probe.remove("Old");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_FALSE(fs::exists(world.maildir.folder("Old")));
  EXPECT_THAT(attic_files(world.device), SizeIs(3));
}

TEST_P(Mailboxes, ParentMadeHere_BecomesAMailboxThere) {
  world.probe.create("Parent/Child");
  ASSERT_TRUE(passes(world.device));
  const auto message = world.generator.file(Shape::plain);
  world.maildir.create("Parent");
  world.maildir.deliver("Parent", message);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_TRUE(holds_exactly(world.probe, "Parent", {message}));
}

TEST_P(Mailboxes, DeletedThereWithNewMailHere_JustThatComesBack) {
  const auto message = world.generator.file(Shape::plain);
  world.maildir.deliver("Old", message);
  world.probe.remove("Old");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_TRUE(holds_exactly(world.probe, "Old", {message}));
  EXPECT_THAT(attic_files(world.device), SizeIs(3));
}

TEST_P(Mailboxes, DeletedThereWithManyMessages_IsHeld) {
  world.fill("Old", 9);
  ASSERT_TRUE(passes(world.device));
  world.probe.remove("Old");
  EXPECT_TRUE(fails_saying(world.device, "12 deletion.s. are held"));
  EXPECT_THAT(world.maildir.files("Old"), SizeIs(12));
}

TEST_P(Mailboxes, RenamedThereWithItsChildren_AllFollow) {
  world.probe.create("Old/Child");
  world.fill("Old/Child", 2);
  ASSERT_TRUE(passes(world.device));
  const auto inode = inode_of(world.maildir.files("Old/Child").at(0));
  world.probe.rename("Old", "Fresh");
  EXPECT_TRUE(passes_and_same(world));
  ASSERT_THAT(world.maildir.files("Fresh/Child"), SizeIs(2));
  EXPECT_EQ(inode_of(world.maildir.files("Fresh/Child")[0]), inode);
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Mailboxes, DirectoryDeletedHere_MirroredAgain) {
  fs::remove_all(world.maildir.folder("Old"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.status("Old").messages, 3U);
  EXPECT_THAT(world.maildir.files("Old"), SizeIs(3));
}

TEST_P(Mailboxes, DirectoryDeletedHereWithLeave_DeletedThere) {
  world.device.account.more = "delete_mailboxes = true\n";
  fs::remove_all(world.maildir.folder("Old"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.probe.mailboxes(), Not(Contains("Old")));
  EXPECT_FALSE(fs::exists(world.maildir.folder("Old")));
}

TEST_P(Mailboxes, DirectoryDeletedHereWithNewMailThere_JustThatComesAgain) {
  world.device.account.more = "delete_mailboxes = true\n";
  fs::remove_all(world.maildir.folder("Old"));
  world.fill("Old", 1);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.status("Old").messages, 1U);
  EXPECT_THAT(world.maildir.files("Old"), SizeIs(1));
}

TEST_P(Mailboxes, DirectoryDeletedHereWithChildrenThere_OnlyItsMessagesGo) {
  world.device.account.more = "delete_mailboxes = true\n";
  world.probe.create("Old/Child");
  ASSERT_TRUE(passes(world.device));
  fs::remove_all(world.maildir.folder("Old") / "cur");
  fs::remove_all(world.maildir.folder("Old"));
  world.probe.create("Old/Younger");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.status("Old").messages, 0U);
}

TEST_P(Mailboxes, TreeDeletedHereWithLeave_ChildrenGoFirst) {
  world.device.account.more = "delete_mailboxes = true\n";
  world.probe.create("Old/Child");
  world.fill("Old/Child", 2);
  ASSERT_TRUE(passes(world.device));
  fs::remove_all(world.maildir.folder("Old/Child"));
  fs::remove_all(world.maildir.folder("Old"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.probe.mailboxes(), Not(Contains("Old")));
  EXPECT_THAT(world.probe.mailboxes(), Not(Contains("Old/Child")));
}

TEST_P(Mailboxes, DirectoryWithManyMessagesDeletedHereWithLeave_IsHeld) {
  world.device.account.more = "delete_mailboxes = true\n";
  world.fill("Old", 9);
  ASSERT_TRUE(passes(world.device));
  fs::remove_all(world.maildir.folder("Old"));
  EXPECT_TRUE(fails_saying(world.device, "work/Old: 12 deletion.*held"));
  EXPECT_EQ(world.probe.status("Old").messages, 12U);
}

TEST_P(Mailboxes, DirectoryDeletedHereWithLeaveAndTrash_MessagesAreInTheTrash) {
  world.device.account.more = "delete_mailboxes = true\non_local_delete = \"trash\"\n";
  fs::remove_all(world.maildir.folder("Old"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.probe.mailboxes(), Not(Contains("Old")));
  EXPECT_EQ(world.probe.status("Trash").messages, 3U);
}

TEST_P(Mailboxes, DirectoryDeletedHereWithLeaveElsewhere_MirroredAgain) {
  world.device.account.more = "[[account.work.override]]\nmailboxes = [\"Lists/*\"]\ndelete_mailboxes = true\n";
  fs::remove_all(world.maildir.folder("Old"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.probe.status("Old").messages, 3U);
}

TEST(MailboxNames, PatternsExclude_OtherMailboxesStayAway) {
  World world;
  world.probe.create("Lists/loud");
  world.probe.create("Lists/quiet");
  world.fill("Lists/loud", 1);
  world.device.account.more = "mailboxes = [\"!Lists/loud\", \"!\\\\Trash\", \"INBOX\", \"Lists/*\"]\n";
  ASSERT_TRUE(passes(world.device));
  EXPECT_THAT(world.maildir.mailboxes(), ::testing::UnorderedElementsAre("INBOX", "Lists/quiet"));
}

}  // namespace
}  // namespace mailmirror::testing
