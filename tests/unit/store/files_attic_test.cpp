#include "store/files/attic.hpp"
#include "tests/unit/store/files_faulty_disk.hpp"
#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::store {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr sys_days kDay = std::chrono::year(2024) / 2 / 29;

class AtticTest : public MaildirTest {
 protected:
  [[nodiscard]] fs::path attic_path() const { return root() / "state/attic"; }

  Attic attic = Attic::open(disk, attic_path()).value();
};

TEST_F(AtticTest, Take_MovesTheFileToItsDay) {
  write_text(inbox("cur/a:2,S"), "one");
  write_text(inbox("new/b"), "two");
  const auto path = attic.take(folder, in_cur("a", "S"), "INBOX", kDay).value();
  EXPECT_EQ(path, attic_path() / "2024-02-29/INBOX/cur/a:2,S");
  EXPECT_EQ(read_text(path), "one");
  EXPECT_EQ(attic.take(folder, in_new("b"), "INBOX", kDay).value(), attic_path() / "2024-02-29/INBOX/new/b");
  EXPECT_THAT(names_in(inbox("cur")), IsEmpty());
  EXPECT_THAT(names_in(inbox("new")), IsEmpty());
  EXPECT_EQ(fs::status(attic_path()).permissions(), fs::perms(0700));
}

TEST_F(AtticTest, Directories_KeepTheirNames) {
  auto sub = folder_of("a/b");
  write_text(root() / "a/b/cur/m:2,", "x");
  EXPECT_EQ(attic.take(sub, in_cur("m"), "a/b", kDay).value(), attic_path() / "2024-02-29/a/b/cur/m:2,");
  write_text(inbox("cur/r:2,"), "x");
  EXPECT_EQ(attic.take(folder, in_cur("r"), "", kDay).value(), attic_path() / "2024-02-29/INBOX/cur/r:2,");
}

TEST_F(AtticTest, ARenamedFile_IsTakenUnderItsNameOfNow) {
  write_text(inbox("cur/a:2,FS"), "one");
  EXPECT_EQ(attic.take(folder, in_cur("a", "S"), "INBOX", kDay).value(), attic_path() / "2024-02-29/INBOX/cur/a:2,FS");
}

TEST_F(AtticTest, AFileThatIsGone_IsMissing) {
  EXPECT_EQ(attic.take(folder, in_cur("a"), "INBOX", kDay).error().kind, ErrorKind::missing);
  write_text(inbox("cur/b:2,"), "x");
  const auto places = attic.take_all(folder, {in_cur("a"), in_cur("b")}, "INBOX", kDay).value();
  ASSERT_THAT(places, SizeIs(2));
  EXPECT_FALSE(places[0].has_value());
  EXPECT_EQ(places[1], "2024-02-29/INBOX/cur/b:2,");
}

TEST_F(AtticTest, WrittenToSinceItWasSeen_Stays) {
  write_text(inbox("cur/a:2,S"), "one");
  const auto seen = folder.stamp(in_cur("a", "S")).value();
  write_text(inbox("cur/a:2,S"), "one and more");
  const std::vector<Leaving> files{{in_cur("a", "S"), seen}};
  EXPECT_EQ(attic.take_all(folder, files, "INBOX", kDay).value().front(), std::nullopt);
  EXPECT_EQ(read_text(inbox("cur/a:2,S")), "one and more");
  EXPECT_THAT(names_in(attic_path() / "2024-02-29/INBOX/cur"), IsEmpty());
}

TEST_F(AtticTest, WrittenAnewUnderItsName_TheNewFileIsNotRemoved) {
  write_text(inbox("cur/a:2,S"), "one");
  const auto seen = folder.stamp(in_cur("a", "S")).value();
  write_text(root() / "new version", "two");
  fs::rename(root() / "new version", inbox("cur/a:2,S"));
  EXPECT_EQ(folder.remove_unchanged(in_cur("a", "S"), seen).value(), MaildirFolder::Removal::changed);
  EXPECT_EQ(read_text(inbox("cur/a:2,S")), "two");
}

TEST_F(AtticTest, UnchangedSinceItWasSeen_GoesUnderItsNameOfNow) {
  write_text(inbox("cur/a:2,FS"), "one");
  const auto seen = folder.stamp(in_cur("a", "FS")).value();
  EXPECT_EQ(folder.remove_unchanged(in_cur("a", "S"), seen).value(), MaildirFolder::Removal::gone);
  EXPECT_THAT(names_in(inbox("cur")), IsEmpty());
  EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
}

TEST_F(AtticTest, BroughtBack_IsAFileOfItsOwnUnderAnotherName) {
  write_text(inbox("cur/a:2,S"), "one");
  const auto place = attic.take_all(folder, {in_cur("a", "S")}, "INBOX", kDay).value().front().value();
  const auto digest = sha256(bytes_of("one"));
  EXPECT_EQ(attic.bring_back(place, digest, folder, "b", "FS").value(), in_cur("b", "FS"));
  EXPECT_EQ(attic.bring_back(place, Digest{}, folder, "c", "").value().place, Place::new_);
  EXPECT_EQ(read_text(inbox("cur/b:2,FS")), "one");
  EXPECT_EQ(read_text(inbox("new/c")), "one");
  write_text(inbox("cur/b:2,FS"), "edited");
  EXPECT_EQ(read_text(attic_path() / place), "one");
  EXPECT_EQ(attic.bring_back(place, digest, folder, "b", "FS").error().kind, ErrorKind::exists);
  EXPECT_EQ(attic.bring_back(place, sha256(bytes_of("two")), folder, "d", "").error().kind, ErrorKind::conflict);
  EXPECT_EQ(attic.bring_back("2024-02-29/INBOX/cur/x:2,", digest, folder, "d", "").error().kind, ErrorKind::missing);
  EXPECT_EQ(attic.bring_back("2024-02-29/Gone/cur/x:2,", digest, folder, "d", "").error().kind, ErrorKind::missing);
  EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
}

TEST_F(AtticTest, PlacesIn_KnowsTheLastDaysOfAFolder) {
  for (const int day : {1, 2, 3}) {
    const auto name = "m" + std::to_string(day);
    write_text(inbox("cur/" + name + ":2,S"), "x");
    attic.take(folder, in_cur(name, "S"), "INBOX", kDay + days(day)).value();
  }
  auto sub = folder_of("other");
  write_text(root() / "other/cur/o:2,", "x");
  attic.take(sub, in_cur("o"), "other", kDay + days(9)).value();
  EXPECT_THAT(attic.places_in("INBOX", 2).value(),
              ElementsAre(std::pair<const std::string, std::string>("m2", "2024-03-02/INBOX/cur/m2:2,S"),
                          std::pair<const std::string, std::string>("m3", "2024-03-03/INBOX/cur/m3:2,S")));
  EXPECT_THAT(attic.places_in("nowhere", 2).value(), IsEmpty());
}

TEST_F(AtticTest, TheSameNameTwice_KeepsBoth) {
  write_text(inbox("cur/a:2,"), "one");
  const auto first = attic.take(folder, in_cur("a"), "INBOX", kDay).value();
  write_text(inbox("cur/a:2,"), "two");
  const auto second = attic.take(folder, in_cur("a"), "INBOX", kDay).value();
  EXPECT_EQ(read_text(first), "one");
  EXPECT_EQ(read_text(second), "two");
}

TEST_F(AtticTest, AHardLinkedTwin_IsCopied) {
  write_text(inbox("cur/a:2,"), "one");
  fs::last_write_time(inbox("cur/a:2,"), fs::file_time_type::clock::now() - std::chrono::hours(1000));
  const auto date = fs::last_write_time(inbox("cur/a:2,"));
  fs::create_hard_link(inbox("cur/a:2,"), root() / "twin");
  const auto path = attic.take(folder, in_cur("a"), "INBOX", kDay).value();
  EXPECT_EQ(fs::hard_link_count(path), 1u);
  EXPECT_EQ(fs::hard_link_count(root() / "twin"), 1u);
  EXPECT_EQ(read_text(path), "one");
  EXPECT_LT(std::chrono::abs(fs::last_write_time(path) - date), std::chrono::seconds(1));
  EXPECT_THAT(names_in(attic_path() / "2024-02-29/INBOX/tmp"), IsEmpty());
}

TEST_F(AtticTest, AfterACrashBetweenLinkAndUnlink_NothingIsDoubled) {
  write_text(inbox("cur/a:2,"), "one");
  fs::create_directories(attic_path() / "2024-02-29/INBOX/cur");
  fs::create_hard_link(inbox("cur/a:2,"), attic_path() / "2024-02-29/INBOX/cur/a:2,");
  attic.take(folder, in_cur("a"), "INBOX", kDay).value();
  EXPECT_THAT(names_in(inbox("cur")), IsEmpty());
  EXPECT_THAT(names_in(attic_path() / "2024-02-29/INBOX/cur"), ElementsAre("a:2,"));
}

class MeddledAtticTest : public MaildirTest {
 protected:
  FaultyDisk faulty{disk};
  MaildirFolder meddled = MaildirFolder::open(faulty, root(), "INBOX").value();
  fs::path attic_path = root() / "attic";
  Attic attic = Attic::open(faulty, attic_path).value();
};

TEST_F(MeddledAtticTest, AnotherFileSystem_GetsACopy) {
  const std::string big(200'000, 'x');
  write_text(inbox("cur/a:2,"), big);
  faulty.meddle = [](const std::string& operation, const fs::path&) { return operation == "link" ? EXDEV : 0; };
  const auto path = attic.take(meddled, in_cur("a"), "INBOX", kDay).value();
  EXPECT_EQ(read_text(path), big);
  EXPECT_THAT(names_in(inbox("cur")), IsEmpty());
}

TEST_F(MeddledAtticTest, AFailureAnywhere_LosesNothing) {
  for (const std::string failing : {"open", "make", "sync", "link", "create", "append", "read", "rename", "unlink"}) {
    SCOPED_TRACE(failing);
    fs::remove_all(attic_path);
    fs::create_directory(attic_path);
    write_text(inbox("cur/a:2,"), "one");
    fs::remove(root() / "twin");
    fs::create_hard_link(inbox("cur/a:2,"), root() / "twin");
    faulty.meddle = [&](const std::string& operation, const fs::path&) { return operation == failing ? EIO : 0; };
    const auto taken = attic.take(meddled, in_cur("a"), "INBOX", kDay);
    EXPECT_EQ(taken.has_value(), failing == "link");
    if (!taken) {
      EXPECT_EQ(read_text(inbox("cur/a:2,")), "one");
    }
    faulty.meddle = [](const std::string&, const fs::path&) { return 0; };
    if (!taken) attic.take(meddled, in_cur("a"), "INBOX", kDay).value();
    EXPECT_THAT(names_in(inbox("cur")), IsEmpty());
    EXPECT_EQ(read_text(attic_path / "2024-02-29/INBOX/cur/a:2,"), "one");
  }
}

TEST_F(MeddledAtticTest, TheAtticIsDurable_BeforeTheSourceGoes) {
  write_text(inbox("cur/a:2,"), "one");
  std::vector<std::string> order;
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    const bool in_attic = path.string().find("/attic/") != std::string::npos;
    if (operation == "link" || operation == "unlink" ||
        (operation == "sync" && (path.filename() == "a:2," || (in_attic && path.filename() == "cur"))))
      order.push_back(operation + (in_attic ? " there" : " here"));
    return 0;
  };
  attic.take(meddled, in_cur("a"), "INBOX", kDay).value();
  EXPECT_THAT(order, ElementsAre("sync here", "link here", "sync there", "unlink here"));
}

TEST_F(AtticTest, Purge_TakesOldDaysOnly) {
  for (const auto* day : {"2024-02-27", "2024-02-28", "2024-02-29", "2024-02-30", "2024-2-1", "notes"}) {
    fs::create_directories(attic_path() / day / "a/b/cur");
    write_text(attic_path() / day / "a/b/cur/m:2,", "x");
  }
  TemporaryDirectory elsewhere;
  write_text(elsewhere.path() / "kept", "x");
  fs::create_directory_symlink(elsewhere.path(), attic_path() / "2024-02-27/a/link");
  EXPECT_EQ(attic.purge(kDay).value(), 3u);
  EXPECT_THAT(names_in(attic_path()), ElementsAre("2024-02-29", "2024-02-30", "2024-2-1", "notes"));
  EXPECT_EQ(read_text(elsewhere.path() / "kept"), "x");
  EXPECT_EQ(attic.purge(kDay).value(), 0u);
  EXPECT_EQ(attic.purge(kDay + days(1)).value(), 1u);
}

}  // namespace
}  // namespace mailmirror::store
