// What is deleted here, under each policy.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class OnLocalDelete : public ::testing::TestWithParam<Setting> {
 protected:
  /// Three messages in INBOX, mirrored under that policy; then the file of the second one goes.
  void delete_one_under(const std::string& policy) {
    world.device.account.more = policy;
    world.device.account.port = proxy.port();
    uids = world.fill("INBOX", 3);
    ASSERT_TRUE(passes(world.device));
    message = read_file(world.file_of("INBOX", uids[1]));
    fs::remove(world.file_of("INBOX", uids[1]));
    proxy.record();
  }
  [[nodiscard]] std::size_t count_there(std::string_view mailbox) { return world.probe.fetch_all(mailbox).size(); }

  World world{GetParam()};
  TcpProxy proxy{world.server.port()};
  std::vector<std::uint32_t> uids;
  std::string message;
};
INSTANTIATE_TEST_SUITE_P(All, OnLocalDelete, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(OnLocalDelete, Trash_IsThereOnceOnBothSidesAfterOnePass) {
  delete_one_under("on_local_delete = \"trash\"\n");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("INBOX"), 2U);
  EXPECT_EQ(count_there("Trash"), 1U);
  ASSERT_THAT(world.maildir.messages("Trash"), SizeIs(1));
  EXPECT_EQ(world.maildir.messages("Trash").front().bytes, message);
  EXPECT_FALSE(says(proxy.spoken(), "APPEND")) << proxy.spoken();
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("Trash"), 1U);
}

TEST_P(OnLocalDelete, TrashInTheTrash_IsExpunged) {
  delete_one_under("on_local_delete = \"trash\"\n");
  ASSERT_TRUE(passes(world.device));
  fs::remove(world.maildir.files("Trash").front());
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("Trash"), 0U);
  EXPECT_EQ(count_there("INBOX"), 2U);
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_P(OnLocalDelete, NamedTrash_IsTheOne) {
  world.probe.create("Bin/Old");
  delete_one_under("on_local_delete = \"trash\"\ntrash_mailbox = \"Bin/Old\"\n");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("Bin/Old"), 1U);
  EXPECT_EQ(count_there("Trash"), 0U);
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_P(OnLocalDelete, TrashThatIsNotThere_NothingIsDeletedAndSaysSo) {
  delete_one_under("on_local_delete = \"trash\"\ntrash_mailbox = \"Nowhere\"\n");
  const auto run = world.device.once();
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_TRUE(says(run.err, "refuses to move.*Nowhere")) << run.err;
  EXPECT_EQ(count_there("INBOX"), 3U);
  // Once it is there, the deletion follows.
  world.probe.create("Nowhere");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("INBOX"), 2U);
  EXPECT_EQ(count_there("Nowhere"), 1U);
}

TEST_P(OnLocalDelete, Keep_StaysThereAndDoesNotComeAgain) {
  delete_one_under("on_local_delete = \"keep\"\n");
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("INBOX"), 3U);
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(2));
}

TEST_P(OnLocalDelete, OverrideForOneMailbox_CountsThereAlone) {
  world.fill("Archive", 2);
  delete_one_under("[[account.work.override]]\nmailboxes = [\"Archive\"]\non_local_delete = \"trash\"\n");
  fs::remove(world.maildir.files("Archive").front());
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there("INBOX"), 2U);
  EXPECT_EQ(count_there("Archive"), 1U);
  EXPECT_EQ(count_there("Trash"), 1U);
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

/// INBOX with messages that carry \Deleted on both sides.
class Expunge : public ::testing::TestWithParam<Setting> {
 protected:
  void mirror(const std::string& policy, int count) {
    world.device.account.more = policy;
    uids = world.fill("INBOX", count);
    ASSERT_TRUE(passes(world.device));
  }
  [[nodiscard]] std::size_t count_there() { return world.probe.fetch_all("INBOX").size(); }

  World world{GetParam()};
  std::vector<std::uint32_t> uids;
};
INSTANTIATE_TEST_SUITE_P(All, Expunge, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(Expunge, DeletedMarkedHere_GoesFromBothSidesInOnePassAndRestsInTheAttic) {
  mirror("expunge = true\n", 3);
  set_letters(world.file_of("INBOX", uids[1]), "ST");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 2U);
  EXPECT_THAT(attic_files(world.device), SizeIs(1));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_P(Expunge, DeletedMarkedThere_GoesFromBothSidesInOnePass) {
  mirror("expunge = true\n", 3);
  world.probe.add_flags("INBOX", uids[2], "\\Deleted");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 2U);
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(2));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_P(Expunge, MarkTakenBackThere_NothingGoes) {
  mirror("", 3);
  world.probe.add_flags("INBOX", uids[0], "\\Deleted");
  ASSERT_TRUE(passes(world.device));
  world.device.account.more = "expunge = true\n";
  world.probe.remove_flags("INBOX", uids[0], "\\Deleted");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 3U);
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_P(Expunge, MarkedBeforeTheSettingCame_GoesThen) {
  mirror("", 3);
  world.probe.add_flags("INBOX", uids[0], "\\Deleted");
  ASSERT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 3U);
  world.device.account.more = "expunge = true\n";
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 2U);
}

TEST_P(Expunge, AllMarked_IsHeld) {
  mirror("expunge = true\n", 12);
  for (const auto uid : uids) world.probe.add_flags("INBOX", uid, "\\Deleted");
  EXPECT_TRUE(fails_saying(world.device, "12 deletion.*held"));
  EXPECT_EQ(count_there(), 12U);
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(12));
}

TEST_P(Expunge, OverrideForOneMailbox_CountsThereAlone) {
  const auto archived = world.fill("Archive", 2);
  mirror("[[account.work.override]]\nmailboxes = [\"Archive\"]\nexpunge = true\n", 2);
  world.probe.add_flags("Archive", archived[0], "\\Deleted");
  world.probe.add_flags("INBOX", uids[0], "\\Deleted");
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(count_there(), 2U);
  EXPECT_EQ(world.probe.fetch_all("Archive").size(), 1U);
}

}  // namespace
}  // namespace mailmirror::testing
