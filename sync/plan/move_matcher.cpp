#include "sync/plan/move_matcher.hpp"

#include <map>
#include <optional>
#include <tuple>

namespace mailmirror::sync {
namespace {

using Key = std::tuple<std::string, std::uint64_t, std::chrono::sys_seconds>;

/// nullopt: several have it.
using Places = std::map<Key, std::optional<std::size_t>>;

Places places_of(const std::vector<MessageTraits>& messages) {
  Places places;
  for (std::size_t n = 0; n < messages.size(); ++n) {
    const auto& m = messages[n];
    if (m.message_id.empty()) continue;
    const auto [place, first] = places.emplace(Key(m.message_id, m.size, m.internal_date), n);
    if (!first) place->second.reset();
  }
  return places;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> match_moves(const std::vector<MessageTraits>& gone,
                                                             const std::vector<MessageTraits>& come) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const auto from = places_of(gone);
  for (const auto& [key, to] : places_of(come)) {
    const auto found = from.find(key);
    if (to && found != from.end() && found->second) pairs.emplace_back(*found->second, *to);
  }
  return pairs;
}

}  // namespace mailmirror::sync
