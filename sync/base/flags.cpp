#include "sync/base/flags.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace mailmirror {
namespace {

constexpr std::array<std::pair<Flag, std::string_view>, 6> kWireNames{{{Flag::seen, "\\Seen"},
                                                                       {Flag::answered, "\\Answered"},
                                                                       {Flag::flagged, "\\Flagged"},
                                                                       {Flag::deleted, "\\Deleted"},
                                                                       {Flag::draft, "\\Draft"},
                                                                       {Flag::forwarded, "$Forwarded"}}};

constexpr std::uint8_t kAllBits = 63;

bool less(std::string_view a, std::string_view b) { return ascii::less_ignoring_case(a, b); }

}  // namespace

FlagSet::FlagSet(std::initializer_list<Flag> flags) {
  for (const auto flag : flags) insert(flag);
}

bool FlagSet::contains_keyword(std::string_view keyword) const {
  return std::binary_search(keywords_.begin(), keywords_.end(), keyword, less);
}

void FlagSet::insert_wire(std::string_view name) {
  for (const auto& [flag, wire] : kWireNames)
    if (ascii::equal_ignoring_case(wire, name)) return insert(flag);
  if (!name.empty() && name.front() != '\\') insert_keyword(name);
}

void FlagSet::insert_keyword(std::string_view keyword) {
  if (keyword.empty()) return;
  if (ascii::equal_ignoring_case(keyword, "$Forwarded")) return insert(Flag::forwarded);
  const auto at = std::lower_bound(keywords_.begin(), keywords_.end(), keyword, less);
  if (at == keywords_.end() || !ascii::equal_ignoring_case(*at, keyword)) keywords_.emplace(at, keyword);
}

FlagSet FlagSet::from_bits(std::uint8_t bits) {
  FlagSet set;
  set.bits_ = bits & kAllBits;
  return set;
}

std::vector<std::string> FlagSet::wire_names() const {
  std::vector<std::string> names;
  for (const auto& [flag, wire] : kWireNames)
    if (contains(flag)) names.emplace_back(wire);
  names.insert(names.end(), keywords_.begin(), keywords_.end());
  return names;
}

std::string FlagSet::to_string() const {
  std::string text;
  for (const auto& name : wire_names()) text += (text.empty() ? "" : " ") + name;
  return text;
}

bool operator==(const FlagSet& a, const FlagSet& b) {
  return a.bits_ == b.bits_ && std::equal(a.keywords_.begin(), a.keywords_.end(), b.keywords_.begin(), b.keywords_.end(),
                                          [](const auto& x, const auto& y) { return ascii::equal_ignoring_case(x, y); });
}

FlagSet operator-(const FlagSet& a, const FlagSet& b) {
  FlagSet result;
  result.bits_ = static_cast<std::uint8_t>(a.bits_ & ~b.bits_);
  std::set_difference(a.keywords_.begin(), a.keywords_.end(), b.keywords_.begin(), b.keywords_.end(),
                      std::back_inserter(result.keywords_), less);
  return result;
}

FlagSet operator|(const FlagSet& a, const FlagSet& b) {
  FlagSet result;
  result.bits_ = static_cast<std::uint8_t>(a.bits_ | b.bits_);
  std::set_union(a.keywords_.begin(), a.keywords_.end(), b.keywords_.begin(), b.keywords_.end(),
                 std::back_inserter(result.keywords_), less);
  return result;
}

FlagSet operator&(const FlagSet& a, const FlagSet& b) {
  FlagSet result;
  result.bits_ = static_cast<std::uint8_t>(a.bits_ & b.bits_);
  std::set_intersection(a.keywords_.begin(), a.keywords_.end(), b.keywords_.begin(), b.keywords_.end(),
                        std::back_inserter(result.keywords_), less);
  return result;
}

}  // namespace mailmirror
