#include "sync/plan/file_matcher.hpp"

#include <gmock/gmock.h>

namespace mailmirror::sync {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t kMark = 22;

std::chrono::sys_seconds at(int second) {
  return std::chrono::sys_seconds(std::chrono::seconds(second));
}

NewFile file(std::string id, std::uint64_t size, int second = 100) {
  NewFile file;
  file.unique = id;
  file.message_id = std::move(id);
  file.wire_size = file.served_size = size;
  file.file_size = size - 5;
  file.modified = at(second);
  return file;
}

RemoteMessage message(std::uint32_t uid, std::string id, std::uint64_t size, int second = 100) {
  return {Uid{uid}, {}, size, at(second), std::move(id)};
}

NewFile named(NewFile file, std::uint32_t uid) {
  file.hint = Uid{uid};
  return file;
}

TEST(FileMatcher, OurOwnNameAndTheServerAgree_Match) {
  EXPECT_THAT(match_files({named(file("<a>", 10), 8)}, {message(8, "<a>", 10)}, Trust::strict), UnorderedElementsAre(Pair(0, 0)));
}

TEST(FileMatcher, OurOwnNameButTheServerDisagrees_NothingMatches) {
  EXPECT_THAT(match_files({named(file("<a>", 99), 8)}, {message(8, "<a>", 10)}, Trust::strict), IsEmpty());
  EXPECT_THAT(match_files({named(file("<b>", 10), 8)}, {message(8, "<a>", 10)}, Trust::strict), IsEmpty());
}

TEST(FileMatcher, WithoutMessageIdButWithOurName_DateAndSizeDecide) {
  EXPECT_THAT(match_files({named(file("", 10), 8), named(file("", 10, 7), 9)}, {message(8, "", 10), message(9, "", 10)}, Trust::adoption),
              UnorderedElementsAre(Pair(0, 0)));
}

TEST(FileMatcher, StoredAsServed_ItsOwnSizeCounts) {
  EXPECT_THAT(match_files({named(file("<a>", 10), 8)}, {message(8, "<a>", 5)}, Trust::strict), UnorderedElementsAre(Pair(0, 0)));
}

TEST(FileMatcher, OtherDate_MatchesAtAdoptionAlone) {
  EXPECT_THAT(match_files({file("<a>", 10, 1)}, {message(8, "<a>", 10, 2)}, Trust::strict), IsEmpty());
  EXPECT_THAT(match_files({file("<a>", 10, 1)}, {message(8, "<a>", 10, 2)}, Trust::adoption), UnorderedElementsAre(Pair(0, 0)));
}

TEST(FileMatcher, SameTraitsTwice_AreNotGuessedButTheNamesTellThemApart) {
  const std::vector<RemoteMessage> messages{message(8, "<a>", 10), message(9, "<a>", 10)};
  EXPECT_THAT(match_files({file("<a>", 10, 1), file("<a>", 10, 1)}, messages, Trust::adoption), IsEmpty());
  EXPECT_THAT(match_files({named(file("<a>", 10, 1), 9), named(file("<a>", 10, 1), 8)}, messages, Trust::adoption),
              UnorderedElementsAre(Pair(0, 1), Pair(1, 0)));
}

TEST(FileMatcher, MarkedByMbsyncOnEitherSide_MatchesAtAdoption) {
  auto marked_here = file("<a>", 10 + kMark, 1);
  marked_here.served_size = 10;
  EXPECT_THAT(match_files({marked_here}, {message(3, "<a>", 10)}, Trust::adoption), UnorderedElementsAre(Pair(0, 0)));
  EXPECT_THAT(match_files({file("<b>", 10, 1)}, {message(3, "<b>", 10 + kMark)}, Trust::adoption), UnorderedElementsAre(Pair(0, 0)));
  EXPECT_THAT(match_files({file("<c>", 10, 1)}, {message(3, "<c>", 11 + kMark)}, Trust::adoption), IsEmpty());
}

}  // namespace
}  // namespace mailmirror::sync
