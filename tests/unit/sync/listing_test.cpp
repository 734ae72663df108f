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
  EXPECT_EQ(proven_absent(range(1, 5), range(2, 4), 3), (UidSet{Uid{1}, Uid{5}}));
}

TEST(Listing, EmptyMailbox_ProvesThatAllAreGone) { EXPECT_EQ(proven_absent(range(1, 5), {}, 0), range(1, 5)); }

TEST(Listing, FewerThanTheMailboxSaysItHolds_ProvesNothing) {
  EXPECT_TRUE(proven_absent(range(1, 5), {}, 5).empty());
  EXPECT_TRUE(proven_absent(range(1, 5), range(1, 3), 5).empty());
}

TEST(Listing, CountOfAServersWindow_ProvesNothingBelowItsLowest) {
  const auto known = range(1, 3000);
  auto listing = range(1500, 2500);
  listing.erase({Uid{2000}});
  ASSERT_EQ(listing.size(), 1000U);
  const auto absent = proven_absent(known, listing, 1000);
  EXPECT_FALSE(absent.contains(Uid{1}));
  EXPECT_TRUE(absent.contains(Uid{2000}));
  EXPECT_TRUE(absent.contains(Uid{2501}));
}

}  // namespace
}  // namespace mailmirror::sync
