#include "sync/plan/mailbox_planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct MailboxPlanner : testing::Test {
  std::vector<RemoteMailbox> remote;
  std::vector<BaseMailbox> base;
  std::vector<LocalFolder> local;
  std::set<MailboxName> included{MailboxName("INBOX"), MailboxName("Lists")};

  static RemoteMailbox there(const char* name) { return {MailboxName(name), Selectable::yes, name}; }
  static BaseMailbox known(const char* name) { return {MailboxName(name), name, 5}; }
  static LocalFolder here(const char* name, FolderKind kind = FolderKind::folder) { return {name, kind, MailboxName(name)}; }
  MailboxPlan run() const { return plan_mailboxes({remote, base, local, included}); }
};

TEST_F(MailboxPlanner, NewThere_FolderIsCreatedThenSynchronized) {
  remote = {there("Lists")};
  const auto p = run();
  EXPECT_THAT(p.create_folder, SizeIs(1));
  EXPECT_THAT(p.synchronize, SizeIs(1));
}

TEST_F(MailboxPlanner, NewHere_MailboxIsCreatedThenSynchronized) {
  local = {here("Lists")};
  const auto p = run();
  ASSERT_THAT(p.create_mailbox, SizeIs(1));
  EXPECT_EQ(p.create_mailbox[0].name, MailboxName("Lists"));
  EXPECT_THAT(p.synchronize, SizeIs(1));
}

TEST_F(MailboxPlanner, NewHereWhereNothingMayBeWrittenThere_IsLeftAlone) {
  local = {here("Lists")};
  local[0].upward = Upward::no;
  const auto p = run();
  EXPECT_THAT(p.create_mailbox, IsEmpty());
  EXPECT_THAT(p.synchronize, IsEmpty());
}

TEST_F(MailboxPlanner, DirectoryGoneHere_IsDeletedThereOnlyWithLeave) {
  remote = {there("Lists")};
  base = {known("Lists")};
  EXPECT_THAT(run().mirror_again, SizeIs(1));
  base[0].deletable = true;
  const auto p = run();
  EXPECT_THAT(p.deleted_here, ElementsAre(MailboxName("Lists")));
  EXPECT_THAT(p.mirror_again, IsEmpty());
  EXPECT_THAT(p.synchronize, IsEmpty());
}

TEST_F(MailboxPlanner, InboxGoneHereWithLeave_IsMirroredAgain) {
  remote = {there("INBOX")};
  base = {known("INBOX")};
  base[0].deletable = true;
  EXPECT_THAT(run().mirror_again, SizeIs(1));
}

TEST_F(MailboxPlanner, OnBothSides_IsSynchronized) {
  remote = {there("Lists")};
  base = {known("Lists")};
  local = {here("Lists")};
  const auto p = run();
  EXPECT_THAT(p.create_folder, IsEmpty());
  EXPECT_THAT(p.create_mailbox, IsEmpty());
  EXPECT_THAT(p.synchronize, SizeIs(1));
}

TEST_F(MailboxPlanner, DirectoryDeletedHere_IsMirroredAgain) {
  remote = {there("Lists")};
  base = {known("Lists")};
  const auto p = run();
  EXPECT_THAT(p.mirror_again, ElementsAre(MailboxName("Lists")));
  EXPECT_THAT(p.create_folder, SizeIs(1));
}

TEST_F(MailboxPlanner, KnownFolderLostItsCur_IsHeldNotEmptied) {
  remote = {there("Lists")};
  base = {known("Lists")};
  local = {here("Lists", FolderKind::container)};
  const auto p = run();
  EXPECT_THAT(p.synchronize, IsEmpty());
  ASSERT_THAT(p.held, SizeIs(1));
  EXPECT_THAT(p.held[0].reason, HasSubstr("cur/"));
}

TEST_F(MailboxPlanner, NewThereAndAContainerHere_BecomesAFolder) {
  remote = {there("Lists")};
  local = {here("Lists", FolderKind::container)};
  EXPECT_THAT(run().create_folder, SizeIs(1));
}

TEST_F(MailboxPlanner, DeletedThere_IsToldAsSuchAndNothingElseHappens) {
  base = {known("Lists")};
  local = {here("Lists")};
  const auto p = run();
  EXPECT_THAT(p.forget, IsEmpty());
  EXPECT_THAT(p.create_mailbox, IsEmpty());
  EXPECT_THAT(p.deleted_there, ElementsAre(MailboxName("Lists")));
}

TEST_F(MailboxPlanner, InboxIsNotListed_IsHeld) {
  base = {known("INBOX")};
  local = {here("INBOX")};
  const auto p = run();
  EXPECT_THAT(p.deleted_there, IsEmpty());
  EXPECT_THAT(p.held, SizeIs(1));
}

TEST_F(MailboxPlanner, GoneOnBothSides_IsForgotten) {
  base = {known("Lists")};
  EXPECT_THAT(run().forget, ElementsAre(MailboxName("Lists")));
}

TEST_F(MailboxPlanner, Excluded_BaseGoesAndNothingIsTouched) {
  remote = {there("Spam")};
  base = {known("Spam")};
  local = {here("Spam")};
  const auto p = run();
  EXPECT_THAT(p.forget, ElementsAre(MailboxName("Spam")));
  EXPECT_THAT(p.synchronize, IsEmpty());
  EXPECT_THAT(p.create_mailbox, IsEmpty());
}

TEST_F(MailboxPlanner, Noselect_HoldsNoMessages) {
  remote = {there("Lists")};
  remote[0].selectable = Selectable::no;
  const auto p = run();
  EXPECT_THAT(p.synchronize, IsEmpty());
  EXPECT_THAT(p.create_folder, IsEmpty());
}

TEST_F(MailboxPlanner, TwoMailboxesOneDirectory_TheSecondIsHeld) {
  remote = {there("INBOX"), there("Lists")};
  remote[1].directory = "INBOX";
  const auto p = run();
  EXPECT_THAT(p.synchronize, SizeIs(1));
  ASSERT_THAT(p.held, SizeIs(1));
  EXPECT_EQ(p.held[0].name, MailboxName("Lists"));
}

TEST_F(MailboxPlanner, ContainerHereWithoutAMailbox_IsIgnored) {
  local = {here("Lists", FolderKind::container)};
  EXPECT_THAT(run().create_mailbox, IsEmpty());
}

}  // namespace
}  // namespace mailmirror::sync
