#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace mailmirror::store {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class RealDiskTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path at(std::string_view name) const { return temporary.path() / name; }

  TemporaryDirectory temporary;
  RealDisk disk;
  std::unique_ptr<Directory> root = disk.open_root(temporary.path()).value();
};

TEST_F(RealDiskTest, NamesThatAreNoSingleComponent_AreRefusedEverywhere) {
  write_text(at("file"), "x");
  for (const std::string_view name : {std::string_view(""), std::string_view("."), std::string_view(".."), std::string_view("a/b"),
                                      std::string_view("/etc"), std::string_view("a\0b", 3)}) {
    EXPECT_FALSE(root->open_directory(name)) << name;
    EXPECT_FALSE(root->open_read(name)) << name;
    EXPECT_FALSE(root->create_exclusive(name)) << name;
    EXPECT_FALSE(root->make_directory(name)) << name;
    EXPECT_FALSE(root->stamp(name)) << name;
    EXPECT_FALSE(root->rename_noreplace("file", *root, name)) << name;
    EXPECT_FALSE(root->rename_replace("file", *root, name)) << name;
    EXPECT_FALSE(root->link("file", *root, name)) << name;
    EXPECT_FALSE(root->unlink(name)) << name;
    EXPECT_FALSE(root->remove_directory(name)) << name;
  }
  EXPECT_THAT(names_in(temporary.path()), ElementsAre("file"));
}

TEST_F(RealDiskTest, SymbolicLinks_AreNeverFollowed) {
  fs::create_directory(at("outside"));
  write_text(at("outside/secret"), "secret");
  fs::create_directory_symlink(at("outside"), at("directory"));
  fs::create_symlink(at("outside/secret"), at("file"));
  EXPECT_FALSE(root->open_directory("directory"));
  EXPECT_FALSE(root->open_read("file"));
  EXPECT_EQ(root->create_exclusive("file").error().kind, ErrorKind::exists);
  EXPECT_EQ(root->stamp("file")->kind, EntryKind::symlink);
}

TEST_F(RealDiskTest, WhatIsMade_IsForItsOwnerAlone) {
  const auto before = umask(0);
  root->create_exclusive("file").value();
  root->make_directory("directory").value();
  disk.make_root(at("a/b/c/")).value();
  umask(before);
  EXPECT_EQ(fs::status(at("file")).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(at("directory")).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(at("a/b/c")).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(at("a")).permissions(), fs::perms(0700));
}

TEST_F(RealDiskTest, MakeRootOverAFile_Fails) {
  write_text(at("file"), "x");
  EXPECT_FALSE(disk.make_root(at("file")));
  EXPECT_FALSE(disk.make_root(at("file/below")));
}

TEST_F(RealDiskTest, RenameOntoAnotherFile_LeavesBoth) {
  write_text(at("a"), "one");
  write_text(at("b"), "two");
  EXPECT_EQ(root->rename_noreplace("a", *root, "b").error().kind, ErrorKind::exists);
  EXPECT_EQ(read_text(at("a")), "one");
  EXPECT_EQ(read_text(at("b")), "two");
}

TEST_F(RealDiskTest, RenameOntoItsOwnTwin_UnlinksTheSource) {
  write_text(at("a"), "one");
  fs::create_hard_link(at("a"), at("b"));
  EXPECT_TRUE(root->rename_noreplace("a", *root, "b"));
  EXPECT_THAT(names_in(temporary.path()), ElementsAre("b"));
}

TEST_F(RealDiskTest, RenameOntoItself_KeepsTheFile) {
  write_text(at("a"), "one");
  EXPECT_TRUE(root->rename_noreplace("a", *root, "a"));
  EXPECT_EQ(read_text(at("a")), "one");
}

TEST_F(RealDiskTest, MissingFile_IsMissing) {
  EXPECT_EQ(root->open_read("a").error().kind, ErrorKind::missing);
  EXPECT_EQ(root->stamp("a").error().kind, ErrorKind::missing);
  EXPECT_EQ(root->unlink("a").error().kind, ErrorKind::missing);
  EXPECT_EQ(root->rename_noreplace("a", *root, "b").error().kind, ErrorKind::missing);
  EXPECT_EQ(disk.open_root(at("nowhere")).error().kind, ErrorKind::missing);
}

TEST_F(RealDiskTest, Fifo_IsNoMessageAndHoldsNobodyUp) {
  ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(root->open_read("fifo"));
}

TEST_F(RealDiskTest, List_TellsNamesAndKinds) {
  write_text(at("file"), "x");
  fs::create_directory(at("directory"));
  fs::create_symlink("file", at("link"));
  std::vector<std::pair<std::string, EntryKind>> seen;
  root->list([&](std::string_view name, EntryKind kind) { seen.emplace_back(name, kind); }).value();
  EXPECT_THAT(seen, UnorderedElementsAre(std::pair("file", EntryKind::file), std::pair("directory", EntryKind::directory),
                                         std::pair("link", EntryKind::symlink)));
}

TEST_F(RealDiskTest, TwoListingsOfOneDirectory_AreBothWhole) {
  for (int n = 0; n < 100; ++n) write_text(at(std::to_string(n)), "");
  int inner = 0;
  int outer = 0;
  const auto count = [](int& number) { return [&number](std::string_view, EntryKind) { ++number; }; };
  root->list([&](std::string_view, EntryKind) {
        if (outer++ == 10) root->list(count(inner)).value();
      })
      .value();
  EXPECT_EQ(outer, 100);
  EXPECT_EQ(inner, 100);
}

TEST_F(RealDiskTest, File_ReadsWhatWasAppended) {
  const auto file = root->create_exclusive("file").value();
  file->append(bytes_of("hello ")).value();
  file->append(bytes_of("world")).value();
  file->set_mtime(std::chrono::sys_seconds(std::chrono::seconds(-5))).value();
  file->sync().value();
  std::string text(20, ' ');
  EXPECT_EQ(file->read_at(6, std::as_writable_bytes(std::span(text))).value(), 5u);
  EXPECT_EQ(text.substr(0, 5), "world");
  EXPECT_EQ(file->read_at(11, std::as_writable_bytes(std::span(text))).value(), 0u);
  const auto stamp = file->stamp().value();
  EXPECT_EQ(stamp.size, 11u);
  EXPECT_EQ(stamp.mtime_ns, -5'000'000'000);
  EXPECT_EQ(stamp, root->stamp("file").value());
}

TEST_F(RealDiskTest, FreeSpace_IsTold) {
  EXPECT_GT(root->free_space().value(), 0u);
}

}  // namespace
}  // namespace mailmirror::store
