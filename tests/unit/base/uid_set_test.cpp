#include "sync/base/uid_set.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <random>
#include <set>

namespace mailmirror {
namespace {

using ::testing::ElementsAre;

constexpr Uid kHighest{std::numeric_limits<std::uint32_t>::max()};

UidSet uids(std::string_view text) {
  return text.empty() ? UidSet() : UidSet::parse(text).value();
}
std::string text_after(UidSet set, UidRange range) {
  set.insert(range);
  return set.to_string();
}

void expect_well_formed(const UidSet& set) {
  std::uint64_t end = 0;
  for (const auto& range : set.ranges()) {
    EXPECT_LE(range.first, range.last);
    EXPECT_GT(range.first.value(), end == 0 ? 0 : end + 1) << "touches the range before: " << set.to_string();
    end = range.last.value();
  }
}

TEST(UidSet, Empty_HasNothing) {
  const UidSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.size(), 0U);
  EXPECT_EQ(set.to_string(), "");
  EXPECT_FALSE(set.contains(Uid{1}));
}

TEST(UidSet, InsertedOutOfOrder_MergesWhereRangesTouch) {
  EXPECT_EQ((UidSet{Uid{5}, Uid{3}, Uid{4}, Uid{9}, Uid{1}}).to_string(), "1,3:5,9");
  EXPECT_EQ(text_after(uids("1:3,7:9"), {Uid{4}, Uid{6}}), "1:9");
  EXPECT_EQ(text_after(uids("1:3,7:9,20"), {Uid{2}, Uid{15}}), "1:15,20");
  EXPECT_EQ(text_after(uids("5:6,10:11"), {Uid{1}, Uid{2}}), "1:2,5:6,10:11");
  EXPECT_EQ(text_after(uids("1:10"), {Uid{3}, Uid{4}}), "1:10");
}

TEST(UidSet, ZeroAndReversedRange_AreNoUids) {
  EXPECT_EQ(text_after({}, {Uid{0}, Uid{0}}), "");
  EXPECT_EQ(text_after({}, {Uid{0}, Uid{2}}), "1:2");
  EXPECT_EQ(text_after({}, {Uid{5}, Uid{4}}), "");
}

TEST(UidSet, HighestUid_IsHandledWithoutOverflow) {
  UidSet set{kHighest};
  set.insert({Uid{1}, kHighest});
  EXPECT_EQ(set.to_string(), "1:4294967295");
  EXPECT_EQ(set.size(), 4'294'967'295U);
  EXPECT_EQ((set - uids("2:4294967295")).to_string(), "1");
  EXPECT_EQ((set - uids("1:4294967294")).to_string(), "4294967295");
  EXPECT_EQ((uids("4294967294") | UidSet{kHighest}).to_string(), "4294967294:4294967295");
  int visits = 0;
  UidSet{kHighest}.for_each([&](Uid) { ++visits; });
  EXPECT_EQ(visits, 1);
}

TEST(UidSet, Parse_TakesWhatToStringGives) {
  for (const auto* text : {"1", "1:3", "1:3,7", "4294967295", "2,4,6:4294967295"}) EXPECT_EQ(uids(text).to_string(), text);
}

TEST(UidSet, Parse_SortsMergesAndTurnsRanges) {
  EXPECT_EQ(uids("9,5:3,4:6,1").to_string(), "1,3:6,9");
}

TEST(UidSet, Parse_RefusesWhatIsNoSet) {
  for (const auto* text : {"",    ",",   "1,", ",1", "0",  "0:3", "1:",  ":1",         "1:2:3",
                           "*",   "1:*", " 1", "1 ", "+1", "-1",  "0x1", "4294967296", "99999999999999999999",
                           "1;2", "a"})
    EXPECT_FALSE(UidSet::parse(text)) << '"' << text << '"';
}

TEST(UidSet, Parse_StopsAtTheBound) {
  EXPECT_TRUE(UidSet::parse("1,3,5", 3));
  EXPECT_FALSE(UidSet::parse("1,3,5,7", 3));
}

TEST(UidSet, TakeFront_SplitsARange) {
  auto set = uids("1:3,10:20");
  EXPECT_EQ(set.take_front(5).to_string(), "1:3,10:11");
  EXPECT_EQ(set.to_string(), "12:20");
  EXPECT_EQ(set.take_front(0).to_string(), "");
  EXPECT_EQ(set.take_front(100).to_string(), "12:20");
  EXPECT_TRUE(set.empty());
}

TEST(UidSet, ForEach_VisitsInAscendingOrder) {
  std::vector<std::uint32_t> seen;
  uids("7,1:3").for_each([&](Uid uid) { seen.push_back(uid.value()); });
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 7));
}

/// The same operations on a UidSet and on a std::set.
class Model {
 public:
  explicit Model(std::mt19937& random) : random_(random) {
    const auto steps = random_() % 30;
    for (std::size_t n = 0; n < steps; ++n) step();
  }

  [[nodiscard]] const UidSet& set() const { return set_; }
  [[nodiscard]] const std::set<std::uint32_t>& model() const { return model_; }

 private:
  void step() {
    const auto first = static_cast<std::uint32_t>(1 + random_() % 60);
    const auto last = first + static_cast<std::uint32_t>(random_() % 3 == 0 ? random_() % 10 : 0);
    if (random_() % 4 == 0) {
      UidSet gone;
      gone.insert({Uid{first}, Uid{last}});
      set_.erase(gone);
      for (auto n = first; n <= last; ++n) model_.erase(n);
    } else {
      set_.insert({Uid{first}, Uid{last}});
      for (auto n = first; n <= last; ++n) model_.insert(n);
    }
  }

  std::mt19937& random_;
  UidSet set_;
  std::set<std::uint32_t> model_;
};

void expect_equal(const UidSet& set, const std::set<std::uint32_t>& model) {
  std::set<std::uint32_t> members;
  set.for_each([&](Uid uid) { members.insert(uid.value()); });
  ASSERT_EQ(members, model);
  ASSERT_EQ(set.size(), model.size());
  expect_well_formed(set);
  for (std::uint32_t n = 1; n <= 75; ++n) ASSERT_EQ(set.contains(Uid{n}), model.contains(n)) << n << " in " << set.to_string();
  if (model.empty()) return;
  EXPECT_EQ(set.lowest().value(), *model.begin());
  EXPECT_EQ(set.highest().value(), *model.rbegin());
  EXPECT_EQ(UidSet::parse(set.to_string()), set);
}

TEST(UidSet, RandomOperations_EqualAModel) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    const Model a(random);
    const Model b(random);
    expect_equal(a.set(), a.model());
    std::set<std::uint32_t> both, either, rest;
    const auto& x = a.model();
    const auto& y = b.model();
    std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::inserter(both, both.end()));
    std::set_union(x.begin(), x.end(), y.begin(), y.end(), std::inserter(either, either.end()));
    std::set_difference(x.begin(), x.end(), y.begin(), y.end(), std::inserter(rest, rest.end()));
    expect_equal(a.set() & b.set(), both);
    expect_equal(a.set() | b.set(), either);
    expect_equal(a.set() - b.set(), rest);
  }
}

TEST(UidSet, RandomTakes_SplitWithoutLoss) {
  std::mt19937 random(12);
  for (int round = 0; round < 300; ++round) {
    const Model whole(random);
    auto rest = whole.set();
    const auto wanted = random() % 40;
    const auto taken = rest.take_front(wanted);
    EXPECT_EQ(taken.size(), std::min<std::uint64_t>(wanted, whole.set().size()));
    EXPECT_TRUE((taken & rest).empty());
    EXPECT_EQ(taken | rest, whole.set());
    if (!taken.empty() && !rest.empty()) {
      EXPECT_LT(taken.highest(), rest.lowest());
    }
    expect_well_formed(taken);
    expect_well_formed(rest);
  }
}

}  // namespace
}  // namespace mailmirror
