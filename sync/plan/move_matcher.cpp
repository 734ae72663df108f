#include "sync/plan/move_matcher.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace mailmirror::sync {
namespace {

using Key = std::tuple<std::string, std::uint64_t, std::chrono::sys_seconds>;

/// nullopt: several have it.
using Places = std::map<Key, std::optional<std::size_t>>;

enum class MessageId { there, missing };

Places places_of(const std::vector<MessageTraits>& messages, MessageId wanted) {
  Places places;
  for (std::size_t n = 0; n < messages.size(); ++n) {
    const auto& m = messages[n];
    if (m.message_id.empty() != (wanted == MessageId::missing)) continue;
    const auto [place, first] = places.emplace(Key(m.message_id, m.size, m.internal_date), n);
    if (!first) place->second.reset();
  }
  return places;
}

std::vector<std::pair<std::size_t, std::size_t>> pairs_of(const Places& from, const Places& to) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& [key, place] : to) {
    const auto found = from.find(key);
    if (place && found != from.end() && found->second) pairs.emplace_back(*found->second, *place);
  }
  return pairs;
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

Pairs pairs_by_identity(const std::vector<MessageTraits>& gone, const std::vector<MessageTraits>& come) {
  std::multimap<std::pair<std::string, std::uint64_t>, std::size_t> places;
  for (std::size_t n = 0; n < gone.size(); ++n)
    if (!gone[n].identity.empty()) places.emplace(std::pair(gone[n].identity, gone[n].size), n);
  Pairs pairs;
  for (std::size_t n = 0; n < come.size(); ++n) {
    const auto found = come[n].identity.empty() ? places.end() : places.find(std::pair(come[n].identity, come[n].size));
    if (found == places.end()) continue;
    pairs.emplace_back(found->second, n);
    places.erase(found);
  }
  return pairs;
}

/// What stands in `pairs` bears no Message-ID, and so matches nothing.
std::vector<MessageTraits> without_matched(std::vector<MessageTraits> messages, const Pairs& pairs, std::size_t Pairs::value_type::*side) {
  for (const auto& pair : pairs) messages[pair.*side] = {};
  return messages;
}

}  // namespace

Pairs match_moves(const std::vector<MessageTraits>& gone, const std::vector<MessageTraits>& come) {
  auto pairs = pairs_by_identity(gone, come);
  const auto gone_left = without_matched(gone, pairs, &Pairs::value_type::first);
  const auto come_left = without_matched(come, pairs, &Pairs::value_type::second);
  const auto more = pairs_of(places_of(gone_left, MessageId::there), places_of(come_left, MessageId::there));
  pairs.insert(pairs.end(), more.begin(), more.end());
  return pairs;
}

std::vector<std::pair<std::size_t, std::size_t>> match_moves_without_id(const std::vector<MessageTraits>& gone,
                                                                        const std::vector<MessageTraits>& come) {
  return pairs_of(places_of(gone, MessageId::missing), places_of(come, MessageId::missing));
}

}  // namespace mailmirror::sync
