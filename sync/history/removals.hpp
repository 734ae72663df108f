// Which removals of the history an undo is about. Reads the base only.
#pragma once

#include "store/state/state_db.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::sync {

/// With neither `pass` nor `since`: the latest pass that removed a message.
struct UndoRequest {
  std::optional<std::uint64_t> pass;
  std::optional<std::chrono::sys_seconds> since;  ///< all passes that began then or later
  std::string mailbox;                            ///< as it is called now, or was called then; "": any
  enum class Run : std::uint8_t { real, dry } run = Run::real;
};

struct UndoChoice {
  std::vector<store::HistoryEntry> entries;  ///< the latest first
  std::set<std::string> came_since;          ///< names before ":2," of messages that came after the earliest of them
};

/// BLOCKS; throws ErrorException(damaged).
UndoChoice removals_meant(const store::ReadTxn& read, const UndoRequest& request);

}  // namespace mailmirror::sync
