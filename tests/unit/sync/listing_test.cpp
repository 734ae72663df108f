#include "sync/observe/listing.hpp"

#include <gtest/gtest.h>

namespace mailmirror::sync {
namespace {

UidSet range(std::uint32_t first, std::uint32_t last) {
  UidSet set;
  set.insert(UidRange{Uid{first}, Uid{last}});
  return set;
}

TEST(Listing, CompleteListing_ProvesAbsence) {
  EXPECT_EQ(proven_absent(range(1, 5), range(2, 4), 3, 0), (UidSet{Uid{1}, Uid{5}}));
}

TEST(Listing, EmptyMailbox_ProvesThatAllAreGone) { EXPECT_EQ(proven_absent(range(1, 5), {}, 0, 0), range(1, 5)); }

TEST(Listing, FewerThanTheMailboxSaysItHolds_ProvesNothing) {
  EXPECT_TRUE(proven_absent(range(1, 5), {}, 5, 0).empty());
  EXPECT_TRUE(proven_absent(range(1, 5), range(1, 3), 5, 0).empty());
}

TEST(Listing, CountOfAServersWindow_ProvesNothingBelowItsLowest) {
  const auto known = range(1, 3000);
  auto listing = range(1500, 2500);
  listing.erase({Uid{2000}});
  ASSERT_EQ(listing.size(), 1000U);
  const auto absent = proven_absent(known, listing, 1000, 0);
  EXPECT_FALSE(absent.contains(Uid{1}));
  EXPECT_TRUE(absent.contains(Uid{2000}));
  EXPECT_TRUE(absent.contains(Uid{2501}));
}

TEST(Listing, ServerKnownToWindow_ProvesNothingBelowOnceTheMailboxIsThatLarge) {
  EXPECT_EQ(proven_absent(range(1, 30), range(2, 30), 29, 100), UidSet{Uid{1}}) << "a small mailbox is shown whole";
  EXPECT_TRUE(proven_absent(range(1, 130), range(11, 130), 120, 100).empty());
  EXPECT_TRUE(proven_absent(range(1, 130), range(1, 129), 129, 100).contains(Uid{130}));
}

}  // namespace
}  // namespace mailmirror::sync
