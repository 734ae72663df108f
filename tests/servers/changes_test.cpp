// A mirrored account, something changes on one side or on both, a pass: both sides are equal again, and in the right way.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Six messages in INBOX, mirrored.
class Changes : public ::testing::TestWithParam<Setting> {
 protected:
  Changes() {
    uids = world.fill("INBOX", 6);
    EXPECT_TRUE(passes(world.device));
  }
  /// The wire flags of a message on the server.
  std::set<std::string> flags_there(std::uint32_t uid) {
    for (const auto& message : world.probe.fetch_all("INBOX"))
      if (message.uid == uid) return message.flags;
    return {"(no such message)"};
  }
  std::size_t count_there(std::string_view mailbox = "INBOX") { return world.probe.fetch_all(mailbox).size(); }
  /// As an editor does that writes the file in place, with a swap file beside it.
  static void edit(const fs::path& file) {
    const auto swap = file.parent_path() / ".swap";
    write_file(swap, "");
    write_file(file, read_file(file) + "one line more\n");
    fs::remove(swap);
  }
  fs::path file(std::size_t index) { return world.file_of("INBOX", uids.at(index)); }

  World world{GetParam()};
  std::vector<std::uint32_t> uids;
};
INSTANTIATE_TEST_SUITE_P(All, Changes, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(Changes, NewThere_Downloaded) {
  world.fill("INBOX", 3);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(9));
}

TEST_P(Changes, NewHere_UploadedUnderItsName) {
  const auto message = world.generator.file(Shape::no_final_newline);
  const auto file = world.maildir.deliver("INBOX", message, "FS");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 7U);
  EXPECT_TRUE(fs::exists(file));
}

TEST_P(Changes, FlagsThere_FileIsRenamed) {
  world.probe.add_flags("INBOX", uids[0], "\\Seen \\Flagged");
  world.probe.add_flags("INBOX", uids[1], "keyword");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(letters_of(file(0)), "FS");
  world.probe.remove_flags("INBOX", uids[0], "\\Flagged");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(letters_of(file(0)), "S");
}

TEST_P(Changes, FlagsHere_StoredThere) {
  const auto flagged = set_letters(file(0), "FS");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(flags_there(uids[0]), ElementsAre("\\Flagged", "\\Seen"));
  set_letters(flagged, "S");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(flags_there(uids[0]), ElementsAre("\\Seen"));
}

TEST_P(Changes, FlagsOnBothSides_Merge) {
  set_letters(file(0), "S");
  world.probe.add_flags("INBOX", uids[0], "\\Answered other");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(flags_there(uids[0]), ElementsAre("\\Answered", "\\Seen", "other"));
}

TEST_P(Changes, ExpungedThere_FileRestsInTheAttic) {
  world.probe.expunge("INBOX", uids[2]);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(5));
  EXPECT_THAT(attic_files(world.device), SizeIs(1));
}

TEST_P(Changes, RemovedHere_ExpungedThere) {
  fs::remove(file(2));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
}

TEST_P(Changes, ExpungedThereAndFlaggedHere_DeletionWinsAndAtticKeepsIt) {
  set_letters(file(1), "F");
  world.probe.expunge("INBOX", uids[1]);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
  EXPECT_THAT(attic_files(world.device), SizeIs(1));
}

TEST_P(Changes, FlaggedThereAndRemovedHere_DeletionWins) {
  fs::remove(file(1));
  world.probe.add_flags("INBOX", uids[1], "\\Flagged");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
}

TEST_P(Changes, GoneOnBothSides_NothingLeft) {
  fs::remove(file(1));
  world.probe.expunge("INBOX", uids[1]);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Changes, MovedThere_FileFollowsWithoutADownload) {
  const auto inode = inode_of(file(3));
  world.probe.move("INBOX", uids[3], "Archive");
  EXPECT_TRUE(passes_and_same(world));
  ASSERT_THAT(world.maildir.files("Archive"), SizeIs(1));
  EXPECT_EQ(inode_of(world.maildir.files("Archive")[0]), inode);
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Changes, MovedHere_MessageFollowsWithoutAnUpload) {
  TcpProxy proxy(world.server.port());
  proxy.record();
  world.device.account.port = proxy.port();
  world.device.account.more = "compress = false\n";
  const auto inode = inode_of(file(3));
  move_to(file(3), world.maildir.folder("Archive"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
  EXPECT_EQ(count_there("Archive"), 1U);
  ASSERT_THAT(world.maildir.files("Archive"), SizeIs(1));
  EXPECT_EQ(inode_of(world.maildir.files("Archive")[0]), inode);
  EXPECT_FALSE(says(proxy.spoken(), "APPEND")) << proxy.spoken();
}

/// As mail readers do it that give files names of their own.
TEST_P(Changes, MovedHereUnderAnotherName_MessageFollows) {
  const auto inode = inode_of(file(3));
  fs::rename(file(3), world.maildir.folder("Archive") / "cur/1700000000.R1.reader:2,S");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
  ASSERT_THAT(world.maildir.files("Archive"), SizeIs(1));
  EXPECT_EQ(inode_of(world.maildir.files("Archive")[0]), inode);
}

/// The name tells what it is a copy of.
TEST_P(Changes, CopiedHere_CopiedThereWithoutAnUpload) {
  TcpProxy proxy(world.server.port());
  proxy.record();
  world.device.account.port = proxy.port();
  world.device.account.more = "compress = false\n";
  fs::copy_file(file(3), world.maildir.folder("Archive") / "cur" / file(3).filename());
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 6U);
  EXPECT_EQ(count_there("Archive"), 1U);
  EXPECT_FALSE(says(proxy.spoken(), "APPEND")) << proxy.spoken();
}

/// By a name that tells nothing, or with other bytes, it is a message of its own.
TEST_P(Changes, CopiedHereAndEdited_IsUploaded) {
  const auto copy = world.maildir.folder("Archive") / "cur" / file(3).filename();
  fs::copy_file(file(3), copy);
  std::ofstream(copy, std::ios::app) << "one line more\n";
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return passes_and_same(world) && count_there("Archive") == 1; }));
  EXPECT_EQ(count_there(), 6U);
  EXPECT_TRUE(holds_exactly(world.probe, "Archive", {read_file(copy)}));
}

TEST_P(Changes, RenamedHere_NothingIsTransferred) {
  const auto before = server_snapshot(world.probe);
  const auto renamed = world.maildir.folder("INBOX") / "cur/1700000000.R2.reader:2,";
  fs::rename(file(2), renamed);
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(server_snapshot(world.probe), before);
  EXPECT_TRUE(fs::exists(renamed));
}

TEST_P(Changes, MovedThereAndFlaggedHere_BothApply) {
  set_letters(file(3), "F");
  world.probe.move("INBOX", uids[3], "Archive");
  EXPECT_TRUE(passes_and_same(world));
  ASSERT_THAT(world.maildir.files("Archive"), SizeIs(1));
  EXPECT_EQ(letters_of(world.maildir.files("Archive")[0]), "F");
}

TEST_P(Changes, MovedThereAndRemovedHere_DeletedAtTheNewPlace) {
  fs::remove(file(3));
  world.probe.move("INBOX", uids[3], "Archive");
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
}

TEST_P(Changes, MovedBothWaysAtOnce_EachFollows) {
  const auto there = inode_of(file(3));
  world.probe.move("INBOX", uids[3], "Archive");
  move_to(file(4), world.maildir.folder("Sent"));
  EXPECT_TRUE(passes_and_same(world));
  ASSERT_THAT(world.maildir.files("Archive"), SizeIs(1));
  EXPECT_EQ(inode_of(world.maildir.files("Archive")[0]), there);
  EXPECT_EQ(count_there("Sent"), 1U);
  EXPECT_EQ(count_there(), 4U);
}

TEST_P(Changes, MovedToTwoPlaces_ServerWins) {
  move_to(file(3), world.maildir.folder("Junk"));
  world.probe.move("INBOX", uids[3], "Archive");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there("Archive"), 1U);
  EXPECT_EQ(count_there("Junk"), 0U);
}

TEST_P(Changes, EditedHere_IsANewMessageAndTheOldOneGoes) {
  edit(file(0));
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 6U);
  EXPECT_EQ(flags_there(uids[0]), (std::set<std::string>{"(no such message)"}));
}

TEST_P(Changes, EditedHereAndExpungedThere_TheEditedOneStays) {
  edit(file(0));
  world.probe.expunge("INBOX", uids[0]);
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 6U);
}

TEST_P(Changes, AnotherFileUnderTheSameName_IsANewMessage) {
  const auto original = file(0);
  const auto name = original.filename().string();
  const auto twin = original.parent_path().parent_path() / "cur" / (name.substr(0, name.find(":2,")) + ":2,FR");
  write_file(twin, world.generator.file(Shape::no_final_newline));
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 7U);
}

TEST_P(Changes, EverythingAtOnce_OnePassIsEnough) {
  world.fill("INBOX", 2);
  world.maildir.deliver("INBOX", world.generator.file(Shape::eight_bit));
  world.probe.add_flags("INBOX", uids[0], "\\Seen");
  set_letters(file(1), "R");
  world.probe.expunge("INBOX", uids[2]);
  fs::remove(file(3));
  world.probe.move("INBOX", uids[4], "Archive");
  move_to(file(5), world.maildir.folder("Sent"));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(count_there(), 5U);
  EXPECT_EQ(count_there("Archive"), 1U);
  EXPECT_EQ(count_there("Sent"), 1U);
}

}  // namespace
}  // namespace mailmirror::testing
