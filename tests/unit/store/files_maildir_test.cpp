#include "tests/unit/store/files_faulty_disk.hpp"
#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace mailmirror::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(MaildirTest, AFolderWithoutCur_IsMissingNeverEmpty) {
  fs::remove(inbox("cur"));
  EXPECT_EQ(MaildirFolder::open(disk, root(), "INBOX").error().kind, ErrorKind::missing);
  EXPECT_EQ(MaildirFolder::open(disk, root(), "nowhere").error().kind, ErrorKind::missing);
}

TEST_F(MaildirTest, MissingNewAndTmp_AreMade) {
  fs::remove(inbox("new"));
  fs::remove(inbox("tmp"));
  EXPECT_TRUE(MaildirFolder::open(disk, root(), "INBOX"));
  EXPECT_THAT(names_in(inbox()), ElementsAre("cur", "new", "tmp"));
}

TEST_F(MaildirTest, Create_MakesEveryLevel) {
  folder_of("a/b/c");
  EXPECT_THAT(names_in(root() / "a/b/c"), ElementsAre("cur", "new", "tmp"));
  EXPECT_THAT(names_in(root() / "a/b"), ElementsAre("c"));
}

TEST_F(MaildirTest, CreateThroughALink_IsRefused) {
  TemporaryDirectory elsewhere;
  fs::create_directory_symlink(elsewhere.path(), root() / "link");
  EXPECT_FALSE(MaildirFolder::create(disk, root(), "link/sub"));
  EXPECT_FALSE(MaildirFolder::create(disk, root(), "../sub"));
  EXPECT_THAT(names_in(elsewhere.path()), IsEmpty());
}

TEST_F(MaildirTest, Scan_TellsMessagesOnly) {
  write_text(inbox("cur/b:2,FS"), "");
  write_text(inbox("cur/plain"), "");
  write_text(inbox("new/a"), "");
  write_text(inbox("cur/.hidden"), "");
  write_text(inbox("tmp/leftover"), "");
  fs::create_directory(inbox("cur/directory"));
  fs::create_symlink("plain", inbox("cur/link"));
  const auto scan = folder.scan().value();
  EXPECT_THAT(scan.files, ElementsAre(in_new("a"), in_cur("b", "FS"), MaildirFile{"plain", "", Place::cur, false}));
  EXPECT_THAT(scan.duplicates, IsEmpty());
  EXPECT_EQ(scan.before, folder.stamps().value());
}

TEST_F(MaildirTest, TwoFilesUnderOneUniquePart_AreToldApart) {
  write_text(inbox("cur/a:2,S"), "one");
  write_text(inbox("new/a"), "two");
  const auto scan = folder.scan().value();
  EXPECT_THAT(scan.files, ElementsAre(in_cur("a", "S")));
  EXPECT_THAT(scan.duplicates, ElementsAre(in_new("a")));
}

TEST_F(MaildirTest, TwoNamesOfOneFile_AreOneMessage) {
  write_text(inbox("new/a"), "one");
  fs::create_hard_link(inbox("new/a"), inbox("cur/a:2,S"));
  const auto scan = folder.scan().value();
  EXPECT_THAT(scan.files, ElementsAre(in_cur("a", "S")));
  EXPECT_THAT(scan.duplicates, IsEmpty());
}

TEST_F(MaildirTest, AFileWithTwoNames_GoesWhole) {
  write_text(inbox("new/a"), "one");
  fs::create_hard_link(inbox("new/a"), inbox("cur/a:2,S"));
  write_text(inbox("cur/a:2,F"), "another");
  fs::create_hard_link(inbox("new/a"), root() / "elsewhere");
  folder.remove(in_cur("a", "S")).value();
  EXPECT_THAT(names_in(inbox("new")), IsEmpty());
  EXPECT_THAT(names_in(inbox("cur")), ElementsAre("a:2,F"));
  EXPECT_EQ(read_text(root() / "elsewhere"), "one");
}

TEST_F(MaildirTest, AFileWithTwoNames_HasOneAfterAFlagsChange) {
  write_text(inbox("cur/a:2,S"), "one");
  fs::create_hard_link(inbox("cur/a:2,S"), inbox("cur/a:2,F"));
  folder.change_letters(in_cur("a", "F"), "T").value();
  EXPECT_THAT(names_in(inbox("cur")), ElementsAre("a:2,T"));
}

TEST_F(MaildirTest, Stamps_ChangeWithEveryArrivalAndRename) {
  const auto before = folder.stamps().value();
  write_text(inbox("cur/a:2,"), "x");
  const auto arrived = folder.stamps().value();
  EXPECT_NE(arrived.cur, before.cur);
  EXPECT_EQ(arrived.new_, before.new_);
}

TEST_F(MaildirTest, AFolderMovedAwayOrReplaced_IsMissing) {
  write_text(inbox("cur/a:2,"), "x");
  fs::rename(inbox(), root() / "elsewhere");
  EXPECT_EQ(folder.scan().error().kind, ErrorKind::missing);
  fs::create_directories(inbox("cur"));
  fs::create_directories(inbox("new"));
  EXPECT_EQ(folder.scan().error().kind, ErrorKind::missing);
  EXPECT_EQ(folder.stamps().error().kind, ErrorKind::missing);
  EXPECT_EQ(folder.confirm_absent({"a"}).error().kind, ErrorKind::missing);
  EXPECT_EQ(folder.find("a").error().kind, ErrorKind::missing);
}

TEST_F(MaildirTest, Find_FollowsRenames) {
  write_text(inbox("new/a"), "x");
  folder.scan().value();
  EXPECT_EQ(folder.find("a").value(), in_new("a"));
  fs::rename(inbox("new/a"), inbox("cur/a:2,RS"));
  EXPECT_EQ(folder.find("a").value(), in_cur("a", "RS"));
  fs::remove(inbox("cur/a:2,RS"));
  EXPECT_EQ(folder.find("a").value(), std::nullopt);
}

TEST_F(MaildirTest, OldNames_StillReachTheFile) {
  write_text(inbox("new/a"), "hello");
  fs::rename(inbox("new/a"), inbox("cur/a:2,S"));
  EXPECT_TRUE(folder.open_read(in_new("a")));
  EXPECT_EQ(folder.stamp(in_new("a")).value().size, 5u);
  EXPECT_EQ(folder.change_letters(in_new("a"), "F").value(), in_cur("a", "F"));
  EXPECT_TRUE(folder.remove(in_cur("a", "S")));
  EXPECT_EQ(folder.remove(in_cur("a", "S")).error().kind, ErrorKind::missing);
}

TEST_F(MaildirTest, ChangeLetters_MovesToCurAndNeverBack) {
  write_text(inbox("new/a"), "x");
  EXPECT_EQ(folder.change_letters(in_new("a"), "").value(), in_new("a"));
  EXPECT_EQ(folder.change_letters(in_new("a"), "SF").value(), in_cur("a", "FS"));
  EXPECT_EQ(folder.change_letters(in_cur("a", "FS"), "").value(), in_cur("a"));
  EXPECT_THAT(names_in(inbox("cur")), ElementsAre("a:2,"));
}

TEST_F(MaildirTest, ChangeLetters_KeepsWhatWeDontKnow) {
  write_text(inbox("cur/a:2,XSab"), "x");
  EXPECT_EQ(folder.change_letters(in_cur("a", "XSab"), "Fb").value(), in_cur("a", "FXb"));
}

TEST_F(MaildirTest, ChangeLettersToTheSame_RenamesNothing) {
  write_text(inbox("cur/a:2,SF"), "x");
  write_text(inbox("cur/plain"), "x");
  const auto before = folder.stamps().value();
  EXPECT_EQ(folder.change_letters(in_cur("a", "SF"), "FS").value(), in_cur("a", "SF"));
  const MaildirFile plain{"plain", "", Place::cur, false};
  EXPECT_EQ(folder.change_letters(plain, "").value(), plain);
  EXPECT_EQ(folder.stamps().value(), before);
}

TEST_F(MaildirTest, ChangeLettersOntoAnotherFile_OverwritesNothing) {
  write_text(inbox("cur/a:2,"), "one");
  write_text(inbox("cur/a:2,S"), "two");
  EXPECT_EQ(folder.change_letters(in_cur("a"), "S").error().kind, ErrorKind::conflict);
  EXPECT_EQ(read_text(inbox("cur/a:2,")), "one");
  EXPECT_EQ(read_text(inbox("cur/a:2,S")), "two");
}

TEST_F(MaildirTest, ChangeUnique_SeparatesTwins) {
  write_text(inbox("cur/a:2,S"), "one");
  write_text(inbox("new/a"), "two");
  EXPECT_EQ(folder.change_unique(in_new("a"), "b").value(), in_new("b"));
  EXPECT_EQ(folder.change_unique(in_cur("a", "S"), "b").value(), in_cur("b", "S"));
  const auto scan = folder.scan().value();
  EXPECT_THAT(scan.files, ElementsAre(in_cur("b", "S")));
  EXPECT_THAT(scan.duplicates, ElementsAre(in_new("b")));
}

TEST_F(MaildirTest, MoveInto_TakesTheFileToAnotherFolder) {
  auto other = folder_of("Other");
  write_text(inbox("cur/a:2,S"), "one");
  const auto moved = folder.move_into(other, in_cur("a", "S"), "b", "FS").value();
  EXPECT_EQ(moved, in_cur("b", "FS"));
  EXPECT_EQ(read_text(root() / "Other/cur/b:2,FS"), "one");
  EXPECT_THAT(names_in(inbox("cur")), IsEmpty());
  write_text(inbox("cur/b:2,FS"), "two");
  EXPECT_EQ(folder.move_into(other, in_cur("b", "FS"), "b", "FS").error().kind, ErrorKind::exists);
}

TEST_F(MaildirTest, ConfirmAbsent_TellsOnlyWhatIsGone) {
  write_text(inbox("new/a"), "");
  write_text(inbox("cur/b:2,S"), "");
  EXPECT_THAT(folder.confirm_absent({"a", "b", "c", "d"}).value(), ElementsAre("c", "d"));
  EXPECT_THAT(folder.confirm_absent({}).value(), IsEmpty());
}

class MeddledMaildirTest : public MaildirTest {
 protected:
  FaultyDisk faulty{disk};
  MaildirFolder meddled = MaildirFolder::open(faulty, root(), "INBOX").value();
};

TEST_F(MeddledMaildirTest, AFileLeftOutByOneListing_IsntAbsent) {
  write_text(inbox("cur/a:2,S"), "");
  int listings = 0;
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    if (operation == "list" && path.filename() == "cur") ++listings;
    return operation == "see" && listings == 1 ? ENOENT : 0;
  };
  EXPECT_THAT(meddled.confirm_absent({"a", "b"}).value(), ElementsAre("b"));
}

TEST_F(MeddledMaildirTest, AFolderThatNeverComesToRest_ProvesNothing) {
  int n = 0;
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    if (operation == "list" && path.filename() == "cur") write_text(inbox("cur/x" + std::to_string(++n)), "");
    return 0;
  };
  EXPECT_THAT(meddled.confirm_absent({"a"}).value(), IsEmpty());
  EXPECT_LT(n, 20);
}

TEST_F(MeddledMaildirTest, AFolderThatComesToRest_ProvesAbsence) {
  int n = 0;
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    if (operation == "list" && path.filename() == "cur" && n < 3) write_text(inbox("cur/x" + std::to_string(++n)), "");
    return 0;
  };
  EXPECT_THAT(meddled.confirm_absent({"a"}).value(), ElementsAre("a"));
}

TEST_F(MeddledMaildirTest, AFileThatComesBackDuringTheSecondListing_IsntAbsent) {
  int listings = 0;
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    if (operation == "list" && path.filename() == "cur" && ++listings == 2) write_text(inbox("cur/a:2,"), "");
    return 0;
  };
  EXPECT_THAT(meddled.confirm_absent({"a"}).value(), IsEmpty());
}

TEST_F(MeddledMaildirTest, ADirectoryThatCantBeRead_IsAnError) {
  faulty.meddle = [](const std::string& operation, const fs::path& path) {
    return operation == "list" && path.filename() == "new" ? EIO : 0;
  };
  EXPECT_EQ(meddled.scan().error().kind, ErrorKind::io);
  EXPECT_EQ(meddled.confirm_absent({"a"}).error().kind, ErrorKind::io);
  EXPECT_EQ(meddled.find("a").error().kind, ErrorKind::io);
}

TEST_F(MeddledMaildirTest, AFileRenamedWithoutEnd_IsAConflict) {
  write_text(inbox("cur/a:2,"), "");
  std::string name = "a:2,";
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    if (operation != "stamp" || path.filename() != name) return 0;
    const auto next = name + "S";
    fs::rename(inbox("cur/" + name), inbox("cur/" + next));
    name = next;
    return 0;
  };
  EXPECT_EQ(meddled.find("a").error().kind, ErrorKind::conflict);
}

TEST_F(MeddledMaildirTest, ASyncThatFails_IsAnError) {
  write_text(inbox("cur/a:2,"), "x");
  faulty.meddle = [](const std::string& operation, const fs::path&) { return operation == "sync" ? ENOSPC : 0; };
  EXPECT_EQ(meddled.sync().error().kind, ErrorKind::disk_full);
  EXPECT_EQ(meddled.sync_files({in_cur("a")}).error().kind, ErrorKind::disk_full);
}

TEST_F(MaildirTest, SyncFiles_PassesOverWhatIsGone) {
  write_text(inbox("cur/a:2,"), "x");
  EXPECT_TRUE(folder.sync_files({in_cur("a"), in_cur("gone")}));
}

TEST_F(MaildirTest, CleanTmp_TakesOldLeftoversOnly) {
  write_text(inbox("tmp/leftover"), "x");
  const auto changed = std::chrono::sys_seconds(
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(folder.tmp().stamp("leftover")->ctime_ns)));
  EXPECT_EQ(folder.clean_tmp(changed).value(), 0u);
  EXPECT_EQ(folder.clean_tmp(changed + std::chrono::seconds(1)).value(), 1u);
  EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
}

TEST_F(MaildirTest, ManyThreads_RenameAndFindSideBySide) {
  constexpr int kThreads = 4;
  constexpr int kFiles = 50;
  for (int n = 0; n < kThreads * kFiles; ++n) write_text(inbox("new/f" + std::to_string(n)), "");
  folder.scan().value();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([this, t] {
      for (int n = t * kFiles; n < (t + 1) * kFiles; ++n) {
        const auto unique = "f" + std::to_string(n);
        const auto found = folder.find(unique).value();
        EXPECT_EQ(folder.change_letters(found.value(), "S").value(), in_cur(unique, "S"));
        EXPECT_EQ(folder.find(unique).value(), in_cur(unique, "S"));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(folder.scan().value().files.size(), static_cast<std::size_t>(kThreads * kFiles));
}

}  // namespace
}  // namespace mailmirror::store
