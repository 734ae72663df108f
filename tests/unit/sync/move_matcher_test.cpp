#include "sync/plan/move_matcher.hpp"

#include <gmock/gmock.h>

namespace mailmirror::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

MessageTraits message(std::string id, std::uint64_t size = 100, int date = 5) {
  return {std::move(id), size, std::chrono::sys_seconds(std::chrono::seconds(date))};
}

TEST(MoveMatcher, SameTraits_ArePaired) {
  EXPECT_THAT(match_moves({message("<a>"), message("<b>")}, {message("<c>"), message("<b>"), message("<a>")}),
              UnorderedElementsAre(Pair(0, 2), Pair(1, 1)));
}

TEST(MoveMatcher, OneTraitThatDiffers_IsAnotherMessage) {
  EXPECT_THAT(match_moves({message("<a>")}, {message("<a>", 101)}), IsEmpty());
  EXPECT_THAT(match_moves({message("<a>")}, {message("<a>", 100, 6)}), IsEmpty());
}

TEST(MoveMatcher, WithoutAMessageId_NothingIsGuessed) {
  EXPECT_THAT(match_moves({message("")}, {message("")}), IsEmpty());
}

TEST(MoveMatcher, SeveralThatLookTheSame_AreNotPaired) {
  EXPECT_THAT(match_moves({message("<a>"), message("<a>")}, {message("<a>")}), IsEmpty());
  EXPECT_THAT(match_moves({message("<a>")}, {message("<a>"), message("<a>")}), IsEmpty());
  EXPECT_THAT(match_moves({message("<a>"), message("<b>"), message("<b>")}, {message("<b>"), message("<a>")}), ElementsAre(Pair(0, 1)));
}

MessageTraits with_identity(std::string identity, MessageTraits traits) {
  traits.identity = std::move(identity);
  return traits;
}

TEST(MoveMatcher, SameIdentity_IsPairedWhateverElseIsAlike) {
  const std::vector<MessageTraits> gone{with_identity("id:1", message("<a>")), with_identity("id:2", message("<a>"))};
  const std::vector<MessageTraits> come{with_identity("id:2", message("<a>", 100, 9)), with_identity("id:1", message(""))};
  EXPECT_THAT(match_moves(gone, come), UnorderedElementsAre(Pair(0, 1), Pair(1, 0)));
}

TEST(MoveMatcher, SameIdentityOfAnotherSize_IsNotBelieved) {
  EXPECT_THAT(match_moves({with_identity("id:1", message("", 100))}, {with_identity("id:1", message("", 101))}), IsEmpty());
}

TEST(MoveMatcher, IdentityOfSeveral_ArePairedOneToOne) {
  const auto one = with_identity("id:1", message("<a>"));
  EXPECT_THAT(match_moves({one, one}, {one}), ElementsAre(Pair(testing::_, 0)));
  EXPECT_THAT(match_moves({one}, {one, one}), testing::SizeIs(1));
  EXPECT_THAT(match_moves({one, one}, {one, one}), testing::SizeIs(2));
}

TEST(MoveMatcher, RecordOfBeforeIdentities_IsPairedByItsTraits) {
  EXPECT_THAT(match_moves({message("<a>")}, {with_identity("id:1", message("<a>"))}), ElementsAre(Pair(0, 0)));
}

}  // namespace
}  // namespace mailmirror::sync
