#include "sync/plan/rematcher.hpp"

#include <set>
#include <string>
#include <unordered_map>

namespace mailmirror::sync {

Rematching rematch_by_traits(const std::vector<MessageTraits>& records, const std::vector<MessageTraits>& messages) {
  Rematching result;
  result.pairs = match_moves(records, messages);
  std::set<std::size_t> settled_records;
  std::set<std::size_t> settled_messages;
  for (const auto& [record, message] : result.pairs) {
    settled_records.insert(record);
    settled_messages.insert(message);
  }
  std::set<std::uint64_t> sizes;
  std::set<std::string> ids;
  for (std::size_t n = 0; n < records.size(); ++n) {
    if (settled_records.contains(n)) continue;
    sizes.insert(records[n].size);
    if (!records[n].message_id.empty()) ids.insert(records[n].message_id);
  }
  for (std::size_t n = 0; n < messages.size(); ++n)
    if (!settled_messages.contains(n) && (sizes.contains(messages[n].size) || ids.contains(messages[n].message_id)))
      result.doubtful.push_back(n);
  return result;
}

Pairs rematch_by_digest(const std::vector<std::optional<Digest>>& records, const std::vector<std::optional<Digest>>& messages) {
  std::unordered_multimap<Digest, std::size_t> open;
  for (std::size_t n = 0; n < records.size(); ++n)
    if (records[n]) open.emplace(*records[n], n);
  Pairs pairs;
  for (std::size_t n = 0; n < messages.size(); ++n) {
    const auto found = messages[n] ? open.find(*messages[n]) : open.end();
    if (found == open.end()) continue;
    pairs.emplace_back(found->second, n);
    open.erase(found);
  }
  return pairs;
}

}  // namespace mailmirror::sync
