#include "store/files/keywords.hpp"
#include "tests/unit/store/files_faulty_disk.hpp"
#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KeywordTable, DovecotsFile_IsRead) {
  const auto table = KeywordTable::parse("0 $Junk\n1 NonJunk\n25 last\n");
  EXPECT_EQ(table.letter_of("$junk"), 'a');
  EXPECT_EQ(table.letter_of("last"), 'z');
  EXPECT_EQ(table.letter_of("other"), std::nullopt);
  EXPECT_THAT(table.names_of("SbaX"), ElementsAre("NonJunk", "$Junk"));
  EXPECT_EQ(table.unnamed("SabcX"), "c");
  EXPECT_EQ(table.name_of('b'), "NonJunk");
  EXPECT_EQ(table.name_of('c'), "");
}

TEST(KeywordTable, OddLines_AreKeptButMeanNothing) {
  const std::string text = "0 a\n0 second\n26 far\n99999999999999999999 x\nnonsense\n-1 minus\n3\n4 \n5 two words\n2 c";
  const auto table = KeywordTable::parse(text);
  EXPECT_THAT(table.names_of("abcdefghijklmnopqrstuvwxyz"), ElementsAre("a", "c"));
  EXPECT_EQ(table.to_text(), "0 a\n2 c\n0 second\n26 far\n99999999999999999999 x\nnonsense\n-1 minus\n3\n4 \n5 two words\n");
  EXPECT_EQ(KeywordTable::parse(table.to_text()).to_text(), table.to_text());
}

class KeywordFileTest : public MaildirTest {};

TEST_F(KeywordFileTest, AFolderWithoutTheFile_HasNoKeywords) {
  EXPECT_EQ(KeywordTable::read(folder)->to_text(), "");
}

TEST_F(KeywordFileTest, Add_GivesTheFirstFreeLetterOnce) {
  write_text(inbox("dovecot-keywords"), "1 b\n");
  auto table = KeywordTable::read(folder).value();
  EXPECT_EQ(table.add(folder, "$Junk", random).value(), 'a');
  EXPECT_EQ(table.add(folder, "c", random).value(), 'c');
  EXPECT_EQ(table.add(folder, "$junk", random).value(), 'a');
  EXPECT_EQ(read_text(inbox("dovecot-keywords")), "0 $Junk\n1 b\n2 c\n");
  EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
}

TEST_F(KeywordFileTest, WhatOthersAddedMeanwhile_Stays) {
  auto table = KeywordTable::read(folder).value();
  write_text(inbox("dovecot-keywords"), "0 theirs\n");
  EXPECT_EQ(table.add(folder, "ours", random).value(), 'b');
  EXPECT_EQ(table.letter_of("theirs"), 'a');
  EXPECT_EQ(read_text(inbox("dovecot-keywords")), "0 theirs\n1 ours\n");
}

TEST_F(KeywordFileTest, ALetterThatWasGiven_IsNeverGivenAgain) {
  auto table = KeywordTable::read(folder).value();
  EXPECT_EQ(table.add(folder, "one", random).value(), 'a');
  fs::remove(inbox("dovecot-keywords"));
  EXPECT_EQ(table.add(folder, "two", random).value(), 'b');
}

TEST_F(KeywordFileTest, TwentySixLetters_AreAll) {
  auto table = KeywordTable::read(folder).value();
  for (char letter = 'a'; letter <= 'z'; ++letter) EXPECT_EQ(table.add(folder, std::string("k") + letter, random).value(), letter);
  EXPECT_EQ(table.add(folder, "more", random).value(), std::nullopt);
}

TEST_F(KeywordFileTest, KeywordsThatCantStandInALine_GetNoLetter) {
  auto table = KeywordTable::read(folder).value();
  for (const auto* keyword : {"", "two words", "line\nend", "tab\t"})
    EXPECT_EQ(table.add(folder, keyword, random).value(), std::nullopt);
  EXPECT_THAT(names_in(inbox()), ElementsAre("cur", "new", "tmp"));
}

TEST_F(KeywordFileTest, AFileThatCantBeOne_IsAnError) {
  write_text(inbox("dovecot-keywords"), std::string(100'000, 'x'));
  EXPECT_EQ(KeywordTable::read(folder).error().kind, ErrorKind::io);
}

TEST_F(KeywordFileTest, AWriteThatFails_ChangesNothing) {
  write_text(inbox("dovecot-keywords"), "0 a\n");
  FaultyDisk faulty(disk);
  auto meddled = MaildirFolder::open(faulty, root(), "INBOX").value();
  for (const std::string failing : {"append", "sync", "replace"}) {
    auto table = KeywordTable::read(meddled).value();
    faulty.meddle = [&](const std::string& operation, const fs::path&) { return operation == failing ? ENOSPC : 0; };
    EXPECT_EQ(table.add(meddled, "b", random).error().kind, ErrorKind::disk_full);
    EXPECT_EQ(table.letter_of("b"), std::nullopt);
    EXPECT_EQ(read_text(inbox("dovecot-keywords")), "0 a\n");
    EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
  }
}

}  // namespace
}  // namespace mailmirror::store
