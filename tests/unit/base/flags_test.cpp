#include "sync/base/flags.hpp"

#include <gmock/gmock.h>

namespace mailmirror {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FlagSet flags(std::initializer_list<const char*> names) {
  FlagSet set;
  for (const auto* name : names) set.insert_wire(name);
  return set;
}

TEST(FlagSet, WireNames_AreTakenInAnyCase) {
  const auto set = flags({"\\seen", "\\ANSWERED", "$forwarded", "Work"});
  EXPECT_TRUE(set.contains(Flag::seen));
  EXPECT_TRUE(set.contains(Flag::answered));
  EXPECT_TRUE(set.contains(Flag::forwarded));
  EXPECT_TRUE(set.contains_keyword("wORK"));
  EXPECT_FALSE(set.contains(Flag::deleted));
  EXPECT_THAT(set.wire_names(), ElementsAre("\\Seen", "\\Answered", "$Forwarded", "Work"));
  EXPECT_EQ(set.to_string(), "\\Seen \\Answered $Forwarded Work");
}

TEST(FlagSet, RecentUnknownSystemFlagsAndNothing_AreLeftOut) {
  EXPECT_TRUE(flags({"\\Recent", "\\*", "\\XUnknown", "\\", ""}).empty());
  FlagSet set;
  set.insert_keyword("");
  EXPECT_TRUE(set.empty());
}

TEST(FlagSet, ForwardedByAnyWay_IsTheFlagAndNoKeyword) {
  FlagSet set;
  set.insert_keyword("$Forwarded");
  EXPECT_TRUE(set.contains(Flag::forwarded));
  EXPECT_THAT(set.keywords(), IsEmpty());
}

TEST(FlagSet, Keywords_AreOneInAnyCaseAndSorted) {
  EXPECT_THAT(flags({"b", "C", "a", "B", "c"}).keywords(), ElementsAre("a", "b", "C"));
  EXPECT_EQ(flags({"Work"}), flags({"WORK"}));
  EXPECT_NE(flags({"Work"}), flags({"Works"}));
}

TEST(FlagSet, InsertAndErase_ChangeOneBit) {
  FlagSet set{Flag::seen, Flag::flagged};
  set.erase(Flag::seen);
  set.erase(Flag::draft);
  EXPECT_EQ(set, FlagSet{Flag::flagged});
  EXPECT_EQ(FlagSet::from_bits(set.bits()), set);
}

TEST(FlagSet, BitsWithoutMeaning_AreDropped) {
  EXPECT_EQ(FlagSet::from_bits(0xff).bits(), 63);
}

TEST(FlagSet, SetOperations_AreByFlagAndKeyword) {
  const auto a = flags({"\\Seen", "\\Flagged", "x", "y"});
  const auto b = flags({"\\Seen", "\\Draft", "Y", "z"});
  EXPECT_EQ(a - b, flags({"\\Flagged", "x"}));
  EXPECT_EQ(a & b, flags({"\\Seen", "y"}));
  EXPECT_EQ(a | b, flags({"\\Seen", "\\Flagged", "\\Draft", "x", "y", "z"}));
}

TEST(FlagDelta, BetweenAndApply_AreInverse) {
  const auto from = flags({"\\Seen", "x", "y"});
  const auto to = flags({"\\Flagged", "y", "z"});
  const auto delta = FlagDelta::between(from, to);
  EXPECT_EQ(delta.added, flags({"\\Flagged", "z"}));
  EXPECT_EQ(delta.removed, flags({"\\Seen", "x"}));
  EXPECT_EQ(delta.apply(from), to);
  EXPECT_TRUE(FlagDelta::between(to, to).empty());
}

TEST(FlagDelta, Applied_LeavesOthersChangesAlone) {
  const auto delta = FlagDelta::between(flags({"\\Seen"}), flags({"\\Flagged"}));
  EXPECT_EQ(delta.apply(flags({"\\Seen", "\\Draft", "other"})), flags({"\\Flagged", "\\Draft", "other"}));
}

}  // namespace
}  // namespace mailmirror
