#include "store/files/twin.hpp"
#include "sync/base/digest.hpp"
#include "tests/unit/store/files_faulty_disk.hpp"
#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <fcntl.h>

namespace mailmirror::store {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr sys_seconds kDate{seconds(1'234'567'890)};

struct stat status_of(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw std::runtime_error("no file " + path.string());
  return status;
}

class TwinTest : public MaildirTest {
 protected:
  TwinTest() {
    write_text(inbox("cur/a:2,S"), "Subject: one\n\nbody\n");
    const timespec times[] = {{0, UTIME_OMIT}, {kDate.time_since_epoch().count(), 0}};
    if (utimensat(AT_FDCWD, inbox("cur/a:2,S").c_str(), times, 0) != 0) throw std::runtime_error("utimensat");
  }

  [[nodiscard]] TwinSource source() const { return {folder, in_cur("a", "S"), sha256(bytes_of("Subject: one\n\nbody\n"))}; }
  [[nodiscard]] fs::path work(std::string_view name) const { return root() / "Work" / name; }

  MaildirFolder target = folder_of("Work");
};

TEST_F(TwinTest, SameDate_IsAHardLink) {
  const auto file = publish_twin(source(), target, "b", "F", kDate, random).value();
  EXPECT_EQ(file, in_cur("b", "F"));
  EXPECT_EQ(status_of(work("cur/b:2,F")).st_ino, status_of(inbox("cur/a:2,S")).st_ino);
  EXPECT_THAT(names_in(work("tmp")), IsEmpty());
}

TEST_F(TwinTest, WithoutLetters_IsShownAsNew) {
  EXPECT_EQ(publish_twin(source(), target, "b", "", kDate, random).value(), in_new("b"));
  EXPECT_THAT(names_in(work("new")), ElementsAre("b"));
}

TEST_F(TwinTest, AnotherDate_IsACopyWithThatDate) {
  ASSERT_TRUE(publish_twin(source(), target, "b", "S", kDate + seconds(5), random));
  EXPECT_NE(status_of(work("cur/b:2,S")).st_ino, status_of(inbox("cur/a:2,S")).st_ino);
  EXPECT_EQ(status_of(work("cur/b:2,S")).st_mtime, kDate.time_since_epoch().count() + 5);
  EXPECT_EQ(status_of(inbox("cur/a:2,S")).st_mtime, kDate.time_since_epoch().count());
  EXPECT_EQ(read_text(work("cur/b:2,S")), "Subject: one\n\nbody\n");
}

TEST_F(TwinTest, OtherBytesThanRecorded_AreNotShown) {
  auto wrong = source();
  wrong.digest = sha256(bytes_of("something else"));
  EXPECT_EQ(publish_twin(wrong, target, "b", "S", kDate, random).error().kind, ErrorKind::conflict);
  EXPECT_EQ(publish_twin(wrong, target, "b", "S", kDate + seconds(1), random).error().kind, ErrorKind::conflict);
  EXPECT_THAT(names_in(work("cur")), IsEmpty());
  EXPECT_THAT(names_in(work("tmp")), IsEmpty());
}

TEST_F(TwinTest, TakenName_IsLeftAlone) {
  write_text(work("cur/b:2,S"), "another");
  EXPECT_EQ(publish_twin(source(), target, "b", "S", kDate, random).error().kind, ErrorKind::exists);
  EXPECT_EQ(read_text(work("cur/b:2,S")), "another");
  EXPECT_THAT(names_in(work("tmp")), IsEmpty());
}

TEST_F(TwinTest, FileThatWent_IsMissing) {
  fs::remove(inbox("cur/a:2,S"));
  EXPECT_EQ(publish_twin(source(), target, "b", "S", kDate, random).error().kind, ErrorKind::missing);
  EXPECT_THAT(names_in(work("tmp")), IsEmpty());
}

}  // namespace
}  // namespace mailmirror::store
