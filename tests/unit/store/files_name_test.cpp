#include "store/files/maildir_name.hpp"
#include "store/files/name_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::store {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

const Identity kIdentity{"0123abcd", "89ef4567", UidValidity{4294967295}, Uid{4294967295}};

TEST(MaildirName, Split_TakesWhatStandsBeforeTheFirstInfo) {
  const auto plain = split_name("1700000000.x.host");
  EXPECT_EQ(plain.unique, "1700000000.x.host");
  EXPECT_FALSE(plain.has_info);
  const auto flagged = split_name("u,S=5:2,FS");
  EXPECT_EQ(flagged.unique, "u,S=5");
  EXPECT_EQ(flagged.letters, "FS");
  const auto twice = split_name("u:2,S:2,F");
  EXPECT_EQ(twice.unique, "u");
  EXPECT_EQ(twice.letters, "S:2,F");
  EXPECT_TRUE(split_name("u:2,").has_info);
}

TEST(MaildirName, SplitAndCompose_AreInverse) {
  for (const std::string name : {"u:2,", "u:2,S", "a.b.c,S=1:2,abS", "u:2,SF", "u:1,x:2,"}) {
    const auto parts = split_name(name);
    EXPECT_EQ(compose_name(parts.unique, parts.letters), name);
  }
}

TEST(MaildirName, Letters_AreTheFlags) {
  EXPECT_EQ(letters_of_flags({Flag::seen, Flag::draft, Flag::deleted, Flag::answered, Flag::flagged, Flag::forwarded}), "DFPRST");
  for (std::uint8_t bits = 0; bits < 64; ++bits) {
    const auto flags = FlagSet::from_bits(bits);
    EXPECT_EQ(flags_of_letters(letters_of_flags(flags)), flags);
  }
  EXPECT_EQ(flags_of_letters("azXS,"), FlagSet{Flag::seen});
}

TEST(MaildirName, UnknownLetters_StayWhenOthersChange) {
  EXPECT_EQ(with_unknown_letters("S", "XF9"), "9SX");
  EXPECT_EQ(with_unknown_letters("", "abST"), "");
  EXPECT_EQ(with_unknown_letters("baS", "S"), "Sab");
}

TEST(MaildirName, MakeUnique_CarriesTheIdentity) {
  const auto unique = make_unique(kIdentity, sys_seconds(seconds(1700000000)), 4711, "mx.example.org");
  EXPECT_EQ(unique, "1700000000.V4294967295U4294967295M89ef4567A0123abcd.mx.example.org,S=4711");
  EXPECT_EQ(parse_identity(unique), kIdentity);
}

TEST(MaildirName, ADiscriminator_KeepsTheIdentity) {
  const auto unique = make_unique(kIdentity, sys_seconds(seconds(1)), 1, "h");
  const auto other = with_discriminator(with_discriminator(unique, "1f"), "a0");
  EXPECT_EQ(other, "1.V4294967295U4294967295M89ef4567A0123abcdD1fDa0.h,S=1");
  EXPECT_EQ(parse_identity(other), kIdentity);
}

TEST(MaildirName, ADiscriminatorInForeignNames_MakesThemDifferent) {
  EXPECT_EQ(with_discriminator("1.2.3,S=4", "ff"), "1.2Dff.3,S=4");
  EXPECT_EQ(with_discriminator("name,S=4", "ff"), "nameDff,S=4");
  EXPECT_EQ(with_discriminator("name", "ff"), "nameDff");
}

TEST(MaildirName, HostsOfAnyKind_GiveFitNames) {
  EXPECT_EQ(make_unique("0f", sys_seconds(), 0, "a/b:c"), "0.R0f.a\\057b\\072c,S=0");
  for (const auto& host :
       {std::string(), std::string(1000, 'h'), std::string(1000, '/'), std::string("x:2,S"), std::string("\0\n\xff", 3)}) {
    const auto unique =
        with_discriminator(make_unique(kIdentity, sys_seconds(seconds(253402300799)), ~std::uint64_t{0}, host), "12345678");
    const auto name = compose_name(unique, "DFPRSTabcdefghijklmnopqrstuvwxyz");
    EXPECT_LE(name.size(), 255u);
    EXPECT_EQ(split_name(name).unique, unique);
    EXPECT_EQ(name.find('/'), name.npos);
    EXPECT_EQ(name.find('\0'), name.npos);
    EXPECT_EQ(parse_identity(unique), kIdentity);
  }
}

TEST(MaildirName, ForeignNames_CarryNoIdentity) {
  for (const std::string name :
       {"", "1700000000", "1700000000.", "1700000000.V", "1700000000.V1U", "1.V1U0M01234567A01234567.h",
        "1.V1U1M0123456A01234567.h", "1.V1U1M0123456GA01234567.h", "1.V1U1M01234567A01234567",
        "1.V4294967296U1M01234567A01234567.h", "1.V1U-1M01234567A01234567.h", "1.V1U1M01234567A01234567x.h",
        "1700000000.M1P2.host,S=3", "1700000000.12_3.host,U=5", "1.R0123456789abcdef.host,S=3"})
    EXPECT_EQ(parse_identity(name), std::nullopt) << name;
}

TEST(NameIndex, Entries_AreSortedByUniquePartAndFoundByIt) {
  NameIndex index;
  index.add("b:2,S", Place::cur);
  index.add("a", Place::new_);
  index.add("b", Place::new_);
  index.add("ab:2,", Place::cur);
  index.sort();
  ASSERT_EQ(index.size(), 4u);
  EXPECT_EQ(index.file(0), (MaildirFile{"a", "", Place::new_, false}));
  EXPECT_EQ(index.file(1), (MaildirFile{"ab", "", Place::cur, true}));
  EXPECT_EQ(index.file(2), (MaildirFile{"b", "S", Place::cur, true}));
  EXPECT_EQ(index.file(3), (MaildirFile{"b", "", Place::new_, false}));
  EXPECT_TRUE(index.contains("ab"));
  EXPECT_FALSE(index.contains("aa"));
  EXPECT_FALSE(index.contains("c"));
}

TEST(NameIndex, WhatIsNoMessage_IsPassedOver) {
  NameIndex index;
  index.add(".nfs0001", Place::cur);
  index.add(":2,S", Place::cur);
  EXPECT_EQ(index.size(), 0u);
}

}  // namespace
}  // namespace mailmirror::store
