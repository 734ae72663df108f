// The documents of `log` and `undo` as values, and their JSON. Scripts rely on these keys: add, never rename.
#pragma once

#include "daemon/control/json_rpc.hpp"
#include "daemon/control/times.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::control {

/// What one pass did, as the history remembers it.
struct PassEntry {
  std::string account;
  std::uint64_t pass = 0;
  Time time{};  ///< when it began
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t resting = 0;   ///< of those removed: in the attic
  std::uint64_t restored = 0;  ///< of those removed: brought back
  std::uint64_t moved = 0;
  std::uint64_t flags_changed = 0;
  std::uint64_t mailboxes_changed = 0;
  std::vector<std::string> mailboxes;
};

/// {"passes": […]}, the latest first.
Json to_json(const std::vector<PassEntry>& passes);
/// Error (protocol) where it is no such document.
Result<std::vector<PassEntry>> passes_from_json(const Json& json);

struct UndoneMessage {
  std::uint64_t pass = 0;
  std::string mailbox;
  std::uint32_t uid = 0;
  std::string outcome;  ///< restored, restored-before, deleted-here, not-in-attic, refused, failed
  std::string path;     ///< of the file that came back; "": there is none
  std::string detail;   ///< why it didn't come back
};

struct UndoOutcome {
  std::string account;
  bool dry_run = false;
  std::uint64_t restored = 0;         ///< of a dry run: that would be
  std::uint64_t restored_before = 0;
  std::uint64_t lost = 0;             ///< that can't be brought back
  std::vector<UndoneMessage> messages;  ///< the first thousand of them
};

Json to_json(const UndoOutcome& outcome);
/// Error (protocol) where it is no such document.
Result<UndoOutcome> undo_from_json(const Json& json);

}  // namespace mailmirror::daemon::control
