#include "sync/plan/move_matcher.hpp"

#include <map>
#include <optional>
#include <tuple>

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

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> match_moves(const std::vector<MessageTraits>& gone,
                                                             const std::vector<MessageTraits>& come) {
  return pairs_of(places_of(gone, MessageId::there), places_of(come, MessageId::there));
}

std::vector<std::pair<std::size_t, std::size_t>> match_moves_without_id(const std::vector<MessageTraits>& gone,
                                                                        const std::vector<MessageTraits>& come) {
  return pairs_of(places_of(gone, MessageId::missing), places_of(come, MessageId::missing));
}

}  // namespace mailmirror::sync
