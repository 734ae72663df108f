#include "sync/plan/rematcher.hpp"

#include <gmock/gmock.h>

namespace mailmirror::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

MessageTraits message(std::string id, std::uint64_t size, int second = 0) {
  return {std::move(id), size, std::chrono::sys_seconds(std::chrono::seconds(second))};
}

std::optional<Digest> digest(char of) {
  return sha256(std::as_bytes(std::span(&of, 1)));
}

TEST(Rematcher, UniqueTraits_MatchWithoutReading) {
  const auto result = rematch_by_traits({message("<a>", 10), message("<b>", 20)}, {message("<b>", 20), message("<c>", 30), message("<a>", 10)});
  EXPECT_THAT(result.pairs, UnorderedElementsAre(Pair(0, 2), Pair(1, 0)));
  EXPECT_THAT(result.doubtful, IsEmpty());
}

TEST(Rematcher, SameTraitsTwice_AreRead) {
  const auto result = rematch_by_traits({message("<a>", 10), message("<a>", 10)}, {message("<a>", 10), message("<b>", 99)});
  EXPECT_THAT(result.pairs, IsEmpty());
  EXPECT_THAT(result.doubtful, ElementsAre(0));
}

TEST(Rematcher, WithoutMessageId_SameSizeIsRead) {
  const auto result = rematch_by_traits({message("", 10)}, {message("", 10), message("<x>", 10), message("", 11)});
  EXPECT_THAT(result.pairs, IsEmpty());
  EXPECT_THAT(result.doubtful, ElementsAre(0, 1));
}

TEST(Rematcher, OtherDate_IsRead) {
  const auto result = rematch_by_traits({message("<a>", 10, 1)}, {message("<a>", 10, 2)});
  EXPECT_THAT(result.pairs, IsEmpty());
  EXPECT_THAT(result.doubtful, ElementsAre(0));
}

TEST(Rematcher, NothingLeftOpen_NothingIsRead) {
  const auto result = rematch_by_traits({message("<a>", 10)}, {message("<a>", 10), message("<b>", 10)});
  EXPECT_THAT(result.doubtful, IsEmpty());
}

TEST(Rematcher, EqualBytes_MatchOneToOne) {
  const auto pairs = rematch_by_digest({digest('x'), std::nullopt, digest('x')}, {digest('x'), digest('x'), digest('x'), digest('y')});
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_NE(pairs[0].first, pairs[1].first);
  EXPECT_THAT(pairs, UnorderedElementsAre(Pair(::testing::_, 0), Pair(::testing::_, 1)));
}

}  // namespace
}  // namespace mailmirror::sync
