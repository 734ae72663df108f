#include "store/files/folder_paths.hpp"
#include "store/files/folder_tree.hpp"
#include "store/files/modified_utf7.hpp"
#include "tests/unit/store/files_faulty_disk.hpp"
#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

#include <map>

namespace mailmirror::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const FolderPaths kNested(Layout::nested, FolderEncoding::utf8);
const FolderPaths kFlat(Layout::maildir_plus_plus, FolderEncoding::utf8);
const FolderPaths kNestedMutf7(Layout::nested, FolderEncoding::mutf7);
const FolderPaths kFlatMutf7(Layout::maildir_plus_plus, FolderEncoding::mutf7);

std::string nested(std::string_view name, char delimiter = '/') {
  return kNested.to_directory(MailboxName(name, delimiter), delimiter);
}
std::string flat(std::string_view name, char delimiter = '/') {
  return kFlat.to_directory(MailboxName(name, delimiter), delimiter);
}

TEST(FolderPaths, PlainNames_StandAsTheyAre) {
  EXPECT_EQ(nested("INBOX"), "INBOX");
  EXPECT_EQ(nested("inbox/Sub"), "INBOX/Sub");
  EXPECT_EQ(nested("Archive/2024"), "Archive/2024");
  EXPECT_EQ(nested("Archive.2024", '.'), "Archive/2024");
  EXPECT_EQ(nested("Entw\xc3\xbcrfe"), "Entw\xc3\xbcrfe");
  EXPECT_EQ(nested("a.b"), "a.b");
  EXPECT_EQ(flat("INBOX"), "");
  EXPECT_EQ(flat("INBOX/Sub"), ".INBOX.Sub");
  EXPECT_EQ(flat("Archive/2024"), ".Archive.2024");
}

TEST(FolderPaths, Flat_HasOneLevelWithoutLeadingDots) {
  const FolderPaths paths(Layout::flat, FolderEncoding::utf8);
  for (const auto& [name, directory] : std::map<std::string, std::string>{
           {"INBOX", "INBOX"}, {"INBOX/Sub", "INBOX.Sub"}, {"Archive/2024", "Archive.2024"}, {"a.b/c", "a%2Eb.c"}, {"new", "%6Eew"}, {".x", "%2Ex"}}) {
    EXPECT_EQ(paths.to_directory(MailboxName(name, '/'), '/'), directory);
    EXPECT_EQ(paths.to_mailbox(directory, '/'), MailboxName(name, '/'));
  }
  EXPECT_EQ(paths.to_directory(MailboxName("INBOX.Sub", '.'), '.'), "INBOX.Sub");
  for (const auto* directory : {"", ".a", "a/b", "Inbox", "a..b", "new", "inbox.a"}) EXPECT_EQ(paths.to_mailbox(directory, '/'), std::nullopt) << directory;
}

TEST(FolderPaths, InboxSpelledOtherwise_IsStillOneDirectory) {
  const FolderPaths paths(Layout::nested, FolderEncoding::mutf7, "Inbox");
  EXPECT_EQ(paths.to_directory(MailboxName("inbox"), '/'), "Inbox");
  EXPECT_EQ(paths.to_directory(MailboxName("INBOX/Sub", '/'), '/'), "Inbox/Sub");
  EXPECT_EQ(paths.to_mailbox("Inbox", '/'), MailboxName("INBOX"));
  EXPECT_EQ(paths.to_mailbox("Inbox/Sub", '/'), MailboxName("INBOX/Sub", '/'));
  EXPECT_EQ(paths.to_mailbox("INBOX", '/'), std::nullopt);
  EXPECT_EQ(paths.to_mailbox("INBOX/Sub", '/'), std::nullopt);
  EXPECT_EQ(FolderPaths(Layout::flat, FolderEncoding::utf8, "inbox").to_directory(MailboxName("INBOX"), '/'), "inbox");
}

TEST(FolderPaths, ModifiedUtf7_IsWrittenWhereAskedFor) {
  EXPECT_EQ(kNestedMutf7.to_directory(MailboxName("Entw\xc3\xbcrfe/A&B"), '/'), "Entw&APw-rfe/A&-B");
  EXPECT_EQ(kFlatMutf7.to_directory(MailboxName("Entw\xc3\xbcrfe/a.b"), '/'), ".Entw&APw-rfe.a%2Eb");
  EXPECT_EQ(kNestedMutf7.to_mailbox("Entw&APw-rfe", '/'), MailboxName("Entw\xc3\xbcrfe"));
}

TEST(FolderPaths, DangerousNames_AreEscaped) {
  EXPECT_EQ(nested(""), "%");
  EXPECT_EQ(nested("."), "%2E");
  EXPECT_EQ(nested(".."), "%2E.");
  EXPECT_EQ(nested("../../etc/passwd"), "%2E./%2E./etc/passwd");
  EXPECT_EQ(nested("/etc"), "%/etc");
  EXPECT_EQ(nested("a//b/"), "a/%/b/%");
  EXPECT_EQ(nested("a/b", '.'), "a%2Fb");
  EXPECT_EQ(nested("a/b", '\0'), "a%2Fb");
  EXPECT_EQ(nested(".git"), "%2Egit");
  EXPECT_EQ(nested("a/cur"), "a/%63ur");
  EXPECT_EQ(nested("TMP/new"), "%54MP/%6Eew");
  EXPECT_EQ(nested("a/dovecot-keywords"), "a/%64ovecot-keywords");
  EXPECT_EQ(nested("curs"), "curs");
  EXPECT_EQ(nested("100%"), "100%25");
  EXPECT_EQ(nested(std::string_view("a\0b\n\x7f", 5)), "a%00b%0A%7F");
  EXPECT_EQ(nested("\xff\xc3\xa4\xc3"), "%FF\xc3\xa4%C3");
  EXPECT_EQ(flat("a.b/c"), ".a%2Eb.c");
  EXPECT_EQ(flat("a//b"), ".a.%.b");
  EXPECT_EQ(flat(".."), ".%2E%2E");
  EXPECT_EQ(flat("cur"), ".cur");
}

TEST(FolderPaths, DirectoriesThatWeWouldntWrite_AreNoMailboxes) {
  for (const auto* directory : {"", ".git", "a/.b", "..", "a/../b", "a//b", "/a", "a/", "cur", "a/new", "Inbox", "100%", "%41",
                                "%2e", "%zz", "a\n", "x%~0123456789abcdef"})
    EXPECT_EQ(kNested.to_mailbox(directory, '/'), std::nullopt) << directory;
  for (const auto* directory : {"a", ".", "..", ".a..b", ".INBOX", ".a/b", ".a%2e", ".%41"})
    EXPECT_EQ(kFlat.to_mailbox(directory, '/'), std::nullopt) << directory;
  EXPECT_EQ(kNested.to_mailbox("a/b", '\0'), std::nullopt);
  EXPECT_EQ(kNested.to_mailbox("a.b", '.'), std::nullopt);
  EXPECT_EQ(kNestedMutf7.to_mailbox("&AGE-", '/'), std::nullopt);
  EXPECT_EQ(kNestedMutf7.to_mailbox("Entw\xc3\xbcrfe", '/'), std::nullopt);
}

TEST(FolderPaths, TooLongNames_EndInAHashAndAreToldAsSuch) {
  const MailboxName one(std::string(300, 'a') + "1/sub");
  const MailboxName two(std::string(300, 'a') + "2/sub");
  for (const auto& paths : {kNested, kFlat, kNestedMutf7, kFlatMutf7}) {
    const auto directory = paths.to_directory(one, '/');
    for (const auto component : components_of(directory)) EXPECT_LE(component.size(), 255u);
    EXPECT_NE(directory, paths.to_directory(two, '/'));
    EXPECT_FALSE(paths.is_reversible(one, '/'));
    EXPECT_EQ(paths.to_mailbox(directory, '/'), std::nullopt);
  }
  EXPECT_TRUE(kNested.is_reversible(MailboxName(std::string(255, 'a')), '/'));
  EXPECT_FALSE(kNested.is_reversible(MailboxName(std::string(256, 'a')), '/'));
}

TEST(FolderPaths, ALongNamesPrefix_IsCutBetweenCharactersAndEscapes) {
  for (const auto* piece : {"\xc3\xa4", "\xf0\x9f\x93\xac", "%"})
    for (std::size_t shift = 0; shift < 4; ++shift) {
      std::string text(shift, 'x');
      while (text.size() < 400) text += piece;
      const auto directory = nested(text);
      const auto prefix = directory.substr(0, directory.find("%~"));
      EXPECT_EQ(kNested.to_mailbox(prefix, '/').has_value(), true) << prefix;
    }
}

TEST(FolderPaths, HashedDirectories_AreOtherOnes) {
  const MailboxName name("a/B");
  EXPECT_EQ(kNested.hashed_directory(name, '/').substr(0, 5), "a/B%~");
  EXPECT_NE(kNested.hashed_directory(name, '/'), kNested.hashed_directory(MailboxName("a/b"), '/'));
  EXPECT_NE(kNested.hashed_directory(MailboxName("a/B"), '/'), kNested.hashed_directory(MailboxName("c/B"), '/'));
  EXPECT_EQ(kNested.to_mailbox(kNested.hashed_directory(name, '/'), '/'), std::nullopt);
  EXPECT_EQ(kFlat.hashed_directory(name, '/').substr(0, 6), ".a.B%~");
}

/// Names that attack the mapping: short, from the characters that have a meaning somewhere.
std::string random_name(std::mt19937& engine) {
  static const std::vector<std::string> pieces = {"a",
                                                  "A",
                                                  ".",
                                                  "..",
                                                  "/",
                                                  "%",
                                                  "&",
                                                  "~",
                                                  "-",
                                                  "cur",
                                                  "new",
                                                  "tmp",
                                                  "INBOX",
                                                  "2E",
                                                  "0",
                                                  "%2F",
                                                  "&-",
                                                  "\n",
                                                  " ",
                                                  "\xc3\xa4",
                                                  "\xff",
                                                  "\xc3",
                                                  "\t",
                                                  "\\",
                                                  "\xe2\x82\xac",
                                                  "%~",
                                                  ":",
                                                  ",",
                                                  "*",
                                                  "+",
                                                  "=",
                                                  "\"",
                                                  "\x7f",
                                                  "\xf0\x9f\x93\xac"};
  std::uniform_int_distribution<std::size_t> length(0, 6);
  std::uniform_int_distribution<std::size_t> choice(0, pieces.size() - 1);
  std::string name;
  for (auto n = length(engine); n > 0; --n) name += pieces[choice(engine)];
  return name;
}

TEST(FolderPaths, RandomNames_ComeBackStayBeneathAndNeverMeet) {
  std::mt19937 engine(20240607);
  for (const auto& paths : {kNested, kFlat, kNestedMutf7, kFlatMutf7})
    for (const char delimiter : {'/', '.', '\0', '&'}) {
      std::map<std::string, MailboxName> owners;
      for (int n = 0; n < 4000; ++n) {
        const MailboxName name(random_name(engine), delimiter);
        const auto directory = paths.to_directory(name, delimiter);
        const auto [owner, fresh] = owners.emplace(directory, name);
        EXPECT_EQ(owner->second, name) << directory;
        EXPECT_TRUE(paths.is_reversible(name, delimiter)) << directory;
        for (const auto component : components_of(directory)) EXPECT_TRUE(check_component(component)) << directory;
        EXPECT_NE(directory.substr(0, 1), "/");
      }
    }
}

TEST(FolderPaths, RandomDirectories_MeanAtMostOneMailbox) {
  std::mt19937 engine(7);
  for (const auto& paths : {kNested, kFlat, kNestedMutf7, kFlatMutf7})
    for (int n = 0; n < 10000; ++n) {
      const auto directory = random_name(engine);
      const auto name = paths.to_mailbox(directory, '/');
      if (!name) continue;
      EXPECT_EQ(paths.to_directory(*name, '/'), directory);
    }
}

TEST(ModifiedUtf7, KnownPairs_MapBothWays) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"", ""},
      {"INBOX", "INBOX"},
      {"&", "&-"},
      {"a&b", "a&-b"},
      {"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
      {"\xf0\x9f\x93\xac", "&2D3c7A-"},
      {"\xc3\xa4", "&AOQ-"}};
  for (const auto& [utf8, coded] : pairs) {
    EXPECT_EQ(to_modified_utf7(utf8), coded);
    EXPECT_EQ(from_modified_utf7(coded), utf8);
  }
}

TEST(ModifiedUtf7, OtherSpellings_AreRefused) {
  for (const auto* text :
       {"&", "&AOQ", "&AGE-", "&AO-", "&AOR-", "&AOQ-&AOQ-", "&2D0-", "&3Ow-", "\xc3\xa4", "&A/Q-", "\n", "&AOQA-"})
    EXPECT_EQ(from_modified_utf7(text), std::nullopt) << text;
}

class FindFoldersTest : public testing::Test {
 protected:
  void make(const std::string& path) const { fs::create_directories(temporary.path() / path); }

  TemporaryDirectory temporary;
  RealDisk disk;
};

TEST_F(FindFoldersTest, Nested_WalksAllLevels) {
  for (const auto* path :
       {"INBOX/cur", "INBOX/new", "INBOX/tmp", "a/b/c/cur", "a/b/c/cur/odd", "empty", ".git/cur", "a/.hidden/cur", "cur"})
    make(path);
  write_text(temporary.path() / "file", "");
  fs::create_directory_symlink("..", temporary.path() / "a/loop");
  EXPECT_THAT(find_folders(disk, temporary.path(), Layout::nested).value(),
              ElementsAre(FoundFolder{"INBOX", true}, FoundFolder{"a", false}, FoundFolder{"a/b", false},
                          FoundFolder{"a/b/c", true}, FoundFolder{"empty", false}));
}

TEST_F(FindFoldersTest, MaildirPlusPlus_LooksAtDotDirectories) {
  for (const auto* path : {"cur", "new", "tmp", ".a/cur", ".a.b", "plain/cur", ".a/.c/cur"}) make(path);
  EXPECT_THAT(find_folders(disk, temporary.path(), Layout::maildir_plus_plus).value(),
              ElementsAre(FoundFolder{"", true}, FoundFolder{".a", true}, FoundFolder{".a.b", false}));
}

TEST_F(FindFoldersTest, Flat_LooksAtOneLevelWithoutDots) {
  for (const auto* path : {"cur", "INBOX/cur", "a.b/cur", "a/sub/cur", ".c/cur"}) make(path);
  EXPECT_THAT(find_folders(disk, temporary.path(), Layout::flat).value(),
              ElementsAre(FoundFolder{"INBOX", true}, FoundFolder{"a", false}, FoundFolder{"a.b", true}));
}

TEST_F(FindFoldersTest, AnEmptyRoot_HasNoFolders) {
  EXPECT_THAT(find_folders(disk, temporary.path(), Layout::nested).value(), IsEmpty());
  EXPECT_THAT(find_folders(disk, temporary.path(), Layout::maildir_plus_plus).value(), IsEmpty());
  EXPECT_EQ(find_folders(disk, temporary.path() / "gone", Layout::nested).error().kind, ErrorKind::missing);
}

TEST_F(FindFoldersTest, ADirectoryThatCantBeRead_IsAnErrorThatNamesIt) {
  make("a/b/cur");
  FaultyDisk faulty(disk);
  faulty.meddle = [](const std::string& operation, const fs::path& path) {
    return operation == "list" && path.filename() == "b" ? EACCES : 0;
  };
  const auto found = find_folders(faulty, temporary.path(), Layout::nested);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::permission);
  EXPECT_THAT(found.error().message, testing::HasSubstr("a/b"));
}

TEST_F(FindFoldersTest, ADirectoryThatGoesDuringTheWalk_IsntThere) {
  make("a/cur");
  make("b/cur");
  FaultyDisk faulty(disk);
  faulty.meddle = [](const std::string& operation, const fs::path& path) {
    return operation == "open" && path.filename() == "a" ? ENOENT : 0;
  };
  EXPECT_THAT(find_folders(faulty, temporary.path(), Layout::nested).value(), ElementsAre(FoundFolder{"b", true}));
}

}  // namespace
}  // namespace mailmirror::store
