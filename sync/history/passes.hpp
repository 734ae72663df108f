// The history as a list of passes, for `mailmirror log` and for choosing what to undo.
#pragma once

#include "store/state/state_db.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::sync {

/// Only what it did in the mailbox that was asked about.
struct PassSummary {
  std::uint64_t number = 0;
  std::chrono::sys_seconds time{};  ///< when it began
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t resting = 0;        ///< of those removed: laid into the attic and not brought back so far
  std::uint64_t restored = 0;       ///< of those removed: brought back
  std::uint64_t moved = 0;
  std::uint64_t flags_changed = 0;
  std::uint64_t mailboxes_changed = 0;  ///< created, renamed or removed
  std::set<std::string> mailboxes;      ///< as they were called then
};

struct PassQuery {
  std::string mailbox;  ///< as it was called then; "": any
  enum class Show : std::uint8_t { all, removals } show = Show::all;
  std::size_t at_most = 50;
};

/// The latest first. BLOCKS; throws ErrorException(damaged).
std::vector<PassSummary> passes_of(const store::ReadTxn& read, const PassQuery& query);

}  // namespace mailmirror::sync
