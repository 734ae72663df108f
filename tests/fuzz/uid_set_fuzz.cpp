// UID sets: text and back; and their algebra, held against std::set on small numbers.
#include "sync/base/uid_set.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace {

using namespace mailmirror;
using fuzz::Input;
using fuzz::require;

using Model = std::set<std::uint32_t>;

void check_invariant(const UidSet& set) {
  std::uint64_t count = 0;
  std::uint64_t before = 0;
  for (const auto& range : set.ranges()) {
    require(range.first.value() > 0 && range.first <= range.last, "a range holds at least one UID, and never 0");
    require(before == 0 || range.first.value() > before + 1, "ranges ascend and don't touch");
    before = range.last.value();
    count += before - range.first.value() + 1;
  }
  require(set.size() == count, "the size is that of the ranges");
}

void check_text(std::string_view text) {
  const auto set = UidSet::parse(text);
  if (!set) return;
  require(!set->empty(), "no text stands for nothing");
  check_invariant(*set);
  require(UidSet::parse(set->to_string()) == *set, "a set's text is that set");
}

void check_equal(const UidSet& set, const Model& model, std::string_view words) {
  check_invariant(set);
  Model members;
  set.for_each([&](Uid uid) { members.insert(uid.value()); });
  require(members == model, words);
}

struct Pair {
  UidSet set;
  Model model;
};

/// Ranges of UIDs up to 286, in the order in which the input names them.
Pair pair_from(Input& input) {
  Pair pair;
  for (auto ranges = input.byte() % 8U; ranges > 0; --ranges) {
    const std::uint32_t first = input.byte();
    const std::uint32_t length = input.byte() % 32U;
    pair.set.insert(UidRange{Uid{first}, Uid{first + length}});
    for (std::uint32_t uid = first; uid <= first + length; ++uid)
      if (uid != 0) pair.model.insert(uid);
  }
  check_equal(pair.set, pair.model, "insert");
  return pair;
}

void check_take_front(Pair pair, std::uint64_t count) {
  Model front;
  while (front.size() < count && !pair.model.empty()) front.insert(pair.model.extract(pair.model.begin()));
  check_equal(pair.set.take_front(count), front, "take_front gives the first");
  check_equal(pair.set, pair.model, "take_front leaves the others");
}

template <class Operation>
Model merged(const Model& a, const Model& b, Operation operation) {
  Model result;
  operation(a.begin(), a.end(), b.begin(), b.end(), std::inserter(result, result.end()));
  return result;
}

void check_algebra(Input& input) {
  const auto a = pair_from(input);
  const auto b = pair_from(input);
  const auto minus = [](auto... arguments) { std::set_difference(arguments...); };
  const auto common = [](auto... arguments) { std::set_intersection(arguments...); };
  const auto joined = [](auto... arguments) { std::set_union(arguments...); };
  check_equal(a.set - b.set, merged(a.model, b.model, minus), "difference");
  check_equal(a.set & b.set, merged(a.model, b.model, common), "intersection");
  check_equal(a.set | b.set, merged(a.model, b.model, joined), "union");
  auto erased = a.set;
  erased.erase(b.set);
  require(erased == a.set - b.set, "erase is the difference");
  for (std::uint32_t uid = 0; uid < 330; ++uid) require(a.set.contains(Uid{uid}) == a.model.contains(uid), "contains");
  check_take_front(a, input.byte());
}

/// Where numbers end: no arithmetic may wrap.
void check_upper_end(Input& input) {
  constexpr std::uint32_t kLast = 0xffff'ffff;
  const Uid low{kLast - input.byte()};
  UidSet set;
  set.insert(UidRange{low, Uid{kLast}});
  set.insert(Uid{kLast - input.byte()});
  check_invariant(set);
  require(set.contains(Uid{kLast}), "the last UID");
  check_invariant(set - UidSet{low});
  check_invariant(set - UidSet{Uid{kLast}});
  check_invariant(set | UidSet{Uid{1}, Uid{kLast}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_text({reinterpret_cast<const char*>(data), size});
  Input input(data, size);
  check_algebra(input);
  check_upper_end(input);
  return 0;
}
