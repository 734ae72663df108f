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

}  // namespace
}  // namespace mailmirror::sync
