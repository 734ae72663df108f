// What one transaction does to the base, gathered until it ends: only then is it known which removal and which addition are one
// move, or one message that was only matched again. For this folder only.
#pragma once

#include "store/state/history.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailmirror::store {

class ChangeNotes {
 public:
  /// A record comes, changes or goes; only those with state `present` count. `of` names the mailbox, the origin and, for a removal,
  /// where the bytes rest.
  void record(HistoryEntry of, const std::optional<Record>& before, const std::optional<Record>& after);
  /// A record is dropped since the mailbox is matched again: no removal, but no addition either if it comes again.
  void dropped(HistoryEntry of, const Record& record);
  void mailbox(HistoryEntry change) { entries_.push_back(std::move(change)); }

  /// In the order in which they were noted.
  [[nodiscard]] std::vector<HistoryEntry> take();

 private:
  void pair_up();

  std::vector<HistoryEntry> entries_;
  std::vector<HistoryEntry> dropped_;
  bool removed_any_ = false;
};

}  // namespace mailmirror::store
