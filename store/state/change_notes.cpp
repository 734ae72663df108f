#include "store/state/change_notes.hpp"

#include <map>
#include <utility>

namespace mailmirror::store {
namespace {

HistoryEntry with_message(HistoryEntry entry, ChangeKind kind, const Record& record) {
  entry.kind = kind;
  entry.uid = record.uid;
  entry.unique = record.unique;
  entry.digest = record.digest;
  return entry;
}

bool present(const std::optional<Record>& record) { return record && record->state == RecordState::present; }

using ByDigest = std::multimap<Digest, std::size_t>;

/// The removed message with these bytes, taken out; one with the same file name first.
std::optional<std::size_t> take_twin(ByDigest& removed, const std::vector<HistoryEntry>& entries, const HistoryEntry& added) {
  auto [at, end] = removed.equal_range(added.digest);
  if (at == end || !added.digest.known()) return std::nullopt;
  auto best = at;
  for (; at != end; ++at)
    if (entries[at->second].unique == added.unique) best = at;
  const auto index = best->second;
  removed.erase(best);
  return index;
}

}  // namespace

void ChangeNotes::record(HistoryEntry of, const std::optional<Record>& before, const std::optional<Record>& after) {
  if (!present(before) && !present(after)) return;
  if (!present(after)) {
    auto entry = with_message(std::move(of), ChangeKind::removed, *before);
    entry.before = before->flags;
    removed_any_ = true;
    entries_.push_back(std::move(entry));
    return;
  }
  of.resting.clear();
  if (!present(before)) {
    auto entry = with_message(std::move(of), ChangeKind::added, *after);
    entry.after = after->flags;
    entries_.push_back(std::move(entry));
  } else if (before->flags != after->flags) {
    auto entry = with_message(std::move(of), ChangeKind::flags_changed, *after);
    entry.before = before->flags;
    entry.after = after->flags;
    entries_.push_back(std::move(entry));
  }
}

void ChangeNotes::dropped(HistoryEntry of, const Record& record) {
  if (record.state != RecordState::present) return;
  auto entry = with_message(std::move(of), ChangeKind::removed, record);
  entry.before = record.flags;
  dropped_.push_back(std::move(entry));
}

void ChangeNotes::pair_up() {
  const auto noted = entries_.size();
  entries_.insert(entries_.end(), std::make_move_iterator(dropped_.begin()), std::make_move_iterator(dropped_.end()));
  ByDigest removed;
  for (std::size_t n = 0; n < entries_.size(); ++n)
    if (entries_[n].kind == ChangeKind::removed) removed.emplace(entries_[n].digest, n);
  std::vector<bool> is_told(entries_.size(), true);
  for (std::size_t n = 0; n < noted; ++n) {
    if (entries_[n].kind != ChangeKind::added) continue;
    const auto twin = take_twin(removed, entries_, entries_[n]);
    if (!twin) continue;
    auto& entry = entries_[n];
    const auto& gone = entries_[*twin];
    is_told[*twin] = false;
    entry.before = gone.before;
    entry.kind = gone.mailbox == entry.mailbox ? ChangeKind::flags_changed : ChangeKind::moved;
    if (entry.kind == ChangeKind::moved) entry.former = gone.name;
    if (entry.kind == ChangeKind::flags_changed && entry.before == entry.after) is_told[n] = false;
  }
  std::vector<HistoryEntry> kept;
  for (std::size_t n = 0; n < noted; ++n)
    if (is_told[n]) kept.push_back(std::move(entries_[n]));
  entries_ = std::move(kept);
}

std::vector<HistoryEntry> ChangeNotes::take() {
  if (removed_any_ || !dropped_.empty()) pair_up();
  dropped_.clear();
  removed_any_ = false;
  return std::exchange(entries_, {});
}

}  // namespace mailmirror::store
