#include "sync/base/ascii.hpp"
#include "sync/base/digest.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/random.hpp"
#include "sync/base/result.hpp"
#include "sync/base/uid.hpp"

#include <gmock/gmock.h>

#include <cerrno>
#include <set>
#include <span>
#include <unordered_set>

namespace mailmirror {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(MailboxName, Inbox_IsOneNameInAnyCase) {
  EXPECT_EQ(MailboxName("inbox"), MailboxName("InBoX"));
  EXPECT_TRUE(MailboxName("inBOX").is_inbox());
  EXPECT_FALSE(MailboxName("Inboxes").is_inbox());
  EXPECT_NE(MailboxName("archive"), MailboxName("Archive"));
}

TEST(MailboxName, InboxAsTopLevel_IsOneNameToo) {
  EXPECT_EQ(MailboxName("inbox.Work", '.').utf8(), "INBOX.Work");
  EXPECT_FALSE(MailboxName("inbox.Work", '.').is_inbox());
  EXPECT_EQ(MailboxName("inbox.Work", '/').utf8(), "inbox.Work");
  EXPECT_EQ(MailboxName("Work.inbox", '.').utf8(), "Work.inbox");
}

TEST(MailboxName, Levels_AreCutAtTheDelimiterOnly) {
  EXPECT_THAT(MailboxName("a/b/c").levels('/'), ElementsAre("a", "b", "c"));
  EXPECT_THAT(MailboxName("a/b.c").levels('.'), ElementsAre("a/b", "c"));
  EXPECT_THAT(MailboxName("a/b").levels('\0'), ElementsAre("a/b"));
  EXPECT_THAT(MailboxName("/a//").levels('/'), ElementsAre("", "a", "", ""));
}

TEST(Result, ValueOrError_IsToldApart) {
  const Result<int> value = 7;
  const Result<int> error = fail(ErrorKind::missing, "no such thing");
  EXPECT_EQ(value.value(), 7);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error(), Error(ErrorKind::missing, "no such thing"));
  EXPECT_TRUE(ok());
}

TEST(Result, ValueOfAnError_ThrowsItWithItsWords) {
  const Result<int> error = fail(ErrorKind::disk_full, "no room");
  try {
    static_cast<void>(error.value());
    FAIL();
  } catch (const ErrorException& failure) {
    EXPECT_EQ(failure.error(), error.error());
    EXPECT_STREQ(failure.what(), "no room");
  }
}

Result<int> twice(const Result<int>& number) {
  MAILMIRROR_TRY(number);
  return *number * 2;
}

TEST(Result, Try_LeavesWithTheError) {
  EXPECT_EQ(twice(4).value(), 8);
  EXPECT_EQ(twice(fail(ErrorKind::io, "x")).error().kind, ErrorKind::io);
}

TEST(Error, In_TellsItFromOneLevelHigher) {
  EXPECT_EQ(Error(ErrorKind::io, "disk gone").in("INBOX"), Error(ErrorKind::io, "INBOX: disk gone"));
  EXPECT_EQ(error_in(Result<int>(fail(ErrorKind::io, "b")), "a").message, "a: b");
}

TEST(Error, FromErrno_HasKindAndWords) {
  EXPECT_EQ(error_from_errno(ENOSPC, "write /x").kind, ErrorKind::disk_full);
  EXPECT_EQ(error_from_errno(EDQUOT, "w").kind, ErrorKind::disk_full);
  EXPECT_EQ(error_from_errno(EROFS, "w").kind, ErrorKind::permission);
  EXPECT_EQ(error_from_errno(ENOENT, "w").kind, ErrorKind::missing);
  EXPECT_EQ(error_from_errno(EIO, "w").kind, ErrorKind::io);
  EXPECT_EQ(error_from_errno(EEXIST, "w").kind, ErrorKind::exists);
  EXPECT_THAT(error_from_errno(ENOSPC, "write /x").message, HasSubstr("write /x: No space left"));
}

TEST(Error, EveryKind_HasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::damaged); ++kind)
    words.insert(to_string(static_cast<ErrorKind>(kind)));
  EXPECT_EQ(words.size(), static_cast<std::size_t>(ErrorKind::damaged) + 1);
  EXPECT_FALSE(words.contains("unknown"));
}

TEST(Error, RetryClass_NeverRepeatsWhatTheUserMustMend) {
  EXPECT_EQ(retry_class(ErrorKind::authentication), RetryClass::final);
  EXPECT_EQ(retry_class(ErrorKind::certificate), RetryClass::final);
  EXPECT_EQ(retry_class(ErrorKind::network), RetryClass::transient);
  EXPECT_EQ(retry_class(ErrorKind::disk_full), RetryClass::wait);
  EXPECT_EQ(retry_class(ErrorKind::conflict), RetryClass::conflict);
  EXPECT_EQ(retry_class(ErrorKind::protocol), RetryClass::protocol);
}

TEST(Digest, KnownAnswers_OfSha256) {
  EXPECT_EQ(sha256({}).to_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(bytes_of("abc")).to_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, TakenInPieces_IsTheSame) {
  Sha256 hash;
  hash.update(bytes_of("a"));
  hash.update({});
  hash.update(bytes_of("bc"));
  EXPECT_EQ(hash.finish(), sha256(bytes_of("abc")));
}

TEST(Digest, OfZeros_IsNotKnown) {
  EXPECT_FALSE(Digest{}.known());
  EXPECT_TRUE(sha256({}).known());
}

TEST(Strong, Numbers_AreOrderedAndHashed) {
  EXPECT_LT(Uid{1}, Uid{2});
  EXPECT_EQ(next(Uid{1}), Uid{2});
  EXPECT_TRUE((std::unordered_set<Uid>{Uid{1}, Uid{2}}.contains(Uid{2})));
}

TEST(Ascii, Case_IsThatOfLettersOnly) {
  EXPECT_EQ(ascii::to_upper("az{\xe4"), "AZ{\xe4");
  EXPECT_EQ(ascii::to_lower("AZ[\xc4"), "az[\xc4");
  EXPECT_TRUE(ascii::equal_ignoring_case("Fetch", "fETCH"));
  EXPECT_FALSE(ascii::equal_ignoring_case("Fetch", "Fetc"));
  EXPECT_FALSE(ascii::equal_ignoring_case("[", "{"));
  EXPECT_TRUE(ascii::less_ignoring_case("A", "b"));
  EXPECT_FALSE(ascii::less_ignoring_case("b", "B"));
}

TEST(Random, Below_StaysBelowAndReachesAll) {
  SecureRandom random;
  std::set<std::uint64_t> seen;
  for (int n = 0; n < 1'000; ++n) seen.insert(random.below(5));
  EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, Hex_HasTheDigitsAskedFor) {
  SecureRandom random;
  for (const std::size_t digits : {0U, 1U, 7U, 32U}) {
    const auto text = random.hex(digits);
    EXPECT_EQ(text.size(), digits);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  EXPECT_NE(random.hex(32), random.hex(32));
}

}  // namespace
}  // namespace mailmirror
