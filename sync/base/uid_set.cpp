#include "sync/base/uid_set.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace mailmirror {
namespace {

constexpr std::uint64_t wide(Uid uid) { return uid.value(); }

/// Appends to ascending ranges, merging with the last one where they touch.
void append_merged(std::vector<UidRange>& ranges, UidRange range) {
  if (!ranges.empty() && wide(range.first) <= wide(ranges.back().last) + 1)
    ranges.back().last = std::max(ranges.back().last, range.last);
  else
    ranges.push_back(range);
}

/// The same in place; `ranges` ascend and aren't empty.
void merge_touching(std::vector<UidRange>& ranges) {
  auto end = ranges.begin();
  for (const auto& range : ranges) {
    if (wide(range.first) <= wide(end->last) + 1)
      end->last = std::max(end->last, range.last);
    else
      *++end = range;
  }
  ranges.erase(std::next(end), ranges.end());
}

std::optional<Uid> parse_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
  return Uid{value};
}

std::optional<UidRange> parse_range(std::string_view text) {
  const auto colon = text.find(':');
  const auto first = parse_number(text.substr(0, colon));
  if (!first) return std::nullopt;
  if (colon == std::string_view::npos) return UidRange{*first, *first};
  const auto last = parse_number(text.substr(colon + 1));
  if (!last) return std::nullopt;
  return UidRange{std::min(*first, *last), std::max(*first, *last)};
}

}  // namespace

UidSet::UidSet(std::initializer_list<Uid> uids) {
  for (const auto uid : uids) insert(uid);
}

void UidSet::insert(UidRange range) {
  if (range.first.value() == 0) range.first = Uid{1};
  if (range.last < range.first) return;
  if (ranges_.empty() || range.first >= ranges_.back().first) {
    append_merged(ranges_, range);
    return;
  }
  const auto position = std::lower_bound(ranges_.begin(), ranges_.end(), range,
                                         [](const UidRange& a, const UidRange& b) { return a.first < b.first; });
  const auto at = ranges_.insert(position, range);
  auto from = at == ranges_.begin() ? at : std::prev(at);
  if (wide(from->last) + 1 < wide(at->first)) from = at;
  auto to = std::next(from);
  while (to != ranges_.end() && wide(to->first) <= wide(from->last) + 1) {
    from->last = std::max(from->last, to->last);
    ++to;
  }
  ranges_.erase(std::next(from), to);
}

void UidSet::erase(const UidSet& others) { *this = *this - others; }

bool UidSet::contains(Uid uid) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), uid, [](Uid u, const UidRange& r) { return u < r.first; });
  return after != ranges_.begin() && uid <= std::prev(after)->last;
}

std::uint64_t UidSet::size() const {
  std::uint64_t count = 0;
  for (const auto& range : ranges_) count += wide(range.last) - wide(range.first) + 1;
  return count;
}

UidSet UidSet::take_front(std::uint64_t count) {
  UidSet taken;
  auto it = ranges_.begin();
  for (; it != ranges_.end() && count > 0; ++it) {
    const auto length = wide(it->last) - wide(it->first) + 1;
    if (length > count) {
      const Uid last{static_cast<std::uint32_t>(wide(it->first) + count - 1)};
      taken.ranges_.push_back({it->first, last});
      it->first = next(last);
      break;
    }
    taken.ranges_.push_back(*it);
    count -= length;
  }
  ranges_.erase(ranges_.begin(), it);
  return taken;
}

std::string UidSet::to_string() const {
  std::string text;
  for (const auto& range : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first.value());
    if (range.last != range.first) text += ':' + std::to_string(range.last.value());
  }
  return text;
}

std::optional<UidSet> UidSet::parse(std::string_view text, std::size_t max_ranges) {
  std::vector<UidRange> ranges;
  ranges.reserve(std::min(static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 1, max_ranges));
  while (true) {
    const auto comma = text.find(',');
    const auto range = parse_range(text.substr(0, comma));
    if (!range || ranges.size() == max_ranges) return std::nullopt;
    ranges.push_back(*range);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  const auto by_first = [](const UidRange& a, const UidRange& b) { return a.first < b.first; };
  if (!std::is_sorted(ranges.begin(), ranges.end(), by_first)) std::sort(ranges.begin(), ranges.end(), by_first);
  merge_touching(ranges);
  UidSet set;
  set.ranges_ = std::move(ranges);
  return set;
}

UidSet operator-(const UidSet& a, const UidSet& b) {
  UidSet result;
  auto cut = b.ranges_.begin();
  for (auto range : a.ranges_) {
    while (cut != b.ranges_.end() && cut->last < range.first) ++cut;
    auto from = wide(range.first);
    for (auto c = cut; c != b.ranges_.end() && c->first <= range.last; ++c) {
      if (wide(c->first) > from) result.ranges_.push_back({Uid{static_cast<std::uint32_t>(from)}, Uid{c->first.value() - 1}});
      from = wide(c->last) + 1;
    }
    if (from <= wide(range.last)) result.ranges_.push_back({Uid{static_cast<std::uint32_t>(from)}, range.last});
  }
  return result;
}

UidSet operator&(const UidSet& a, const UidSet& b) {
  UidSet result;
  auto x = a.ranges_.begin();
  auto y = b.ranges_.begin();
  while (x != a.ranges_.end() && y != b.ranges_.end()) {
    const auto first = std::max(x->first, y->first);
    const auto last = std::min(x->last, y->last);
    if (first <= last) result.ranges_.push_back({first, last});
    if (x->last < y->last) ++x; else ++y;
  }
  return result;
}

UidSet operator|(const UidSet& a, const UidSet& b) {
  UidSet result;
  auto x = a.ranges_.begin();
  auto y = b.ranges_.begin();
  while (x != a.ranges_.end() || y != b.ranges_.end()) {
    const auto take_x = y == b.ranges_.end() || (x != a.ranges_.end() && x->first <= y->first);
    append_merged(result.ranges_, take_x ? *x++ : *y++);
  }
  return result;
}

}  // namespace mailmirror
