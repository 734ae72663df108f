#include "cli/text.hpp"
#include "cli/words.hpp"

#include <gtest/gtest.h>

namespace mailmirror::cli {
namespace {

using namespace std::chrono_literals;

TEST(Printable, EscapeSequences_CantReachTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\x07"), "a\uFFFD[31mb\uFFFD");
  EXPECT_EQ(printable("a\nb\tc"), "a b c");
  EXPECT_EQ(printable("\xc2\x9b"), "\uFFFD");
  EXPECT_EQ(printable("\u202Egnp.exe"), "\uFFFDgnp.exe");
}

TEST(Printable, BytesThatArentUtf8_AreReplacedOneByOne) {
  EXPECT_EQ(printable("caf\xe9!"), "caf\uFFFD!");
  EXPECT_EQ(printable("\xc0\xaf"), "\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xf0\x9f"), "\uFFFD\uFFFD");
  EXPECT_EQ(printable("Entwürfe 草稿 📬"), "Entwürfe 草稿 📬");
}

TEST(DisplayWidth, WideAndCombiningCharacters_CountAsShown) {
  EXPECT_EQ(display_width("Entwürfe"), 8U);
  EXPECT_EQ(display_width("草稿"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
}

TEST(Pad, WidthIsInColumns) {
  EXPECT_EQ(pad_right("草", 4), "草  ");
  EXPECT_EQ(pad_left("12", 4), "  12");
  EXPECT_EQ(pad_left("12345", 4), "12345");
}

TEST(Clip, WhatIsCutOff_Shows) {
  EXPECT_EQ(clip("Archive", 7), "Archive");
  EXPECT_EQ(clip("Archive", 5), "Arch…");
  EXPECT_EQ(clip("草稿箱", 4), "草…");
  EXPECT_EQ(clip("abc", 0), "");
}

TEST(Wrap, Lines_FitAndHang) {
  EXPECT_EQ(wrap("x: ", "one two three four", 2, 12), "x: one two\n  three four\n");
  EXPECT_EQ(wrap("x: ", "one two three four", 2, std::nullopt), "x: one two three four\n");
  EXPECT_EQ(wrap("", "averyveryverylongword b", 1, 5), "averyveryverylongword\n b\n");
  EXPECT_EQ(wrap("x", "", 2, 5), "x\n");
}

TEST(Words, Lengths_HaveTheGreatestUnitThatFits) {
  EXPECT_EQ(length_in_words(-5s), "0 s");
  EXPECT_EQ(length_in_words(59s), "59 s");
  EXPECT_EQ(length_in_words(60s), "1 min");
  EXPECT_EQ(length_in_words(3h), "3 h");
  EXPECT_EQ(length_in_words(49h), "2 days");
}

TEST(Words, Bytes_ArePowersOf1024) {
  EXPECT_EQ(bytes_in_words(1023), "1023 B");
  EXPECT_EQ(bytes_in_words(1536), "1.5 KiB");
  EXPECT_EQ(bytes_in_words(std::uint64_t{5} << 40), "5.0 TiB");
}

TEST(Words, OneIsSingular) {
  EXPECT_EQ(counted(1, "message"), "1 message");
  EXPECT_EQ(counted(0, "message"), "0 messages");
}

}  // namespace
}  // namespace mailmirror::cli
