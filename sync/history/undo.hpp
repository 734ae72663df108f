// Brings back from the attic what passes removed.
#pragma once

#include "sync/account/account.hpp"
#include "sync/base/task.hpp"
#include "sync/history/removals.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::sync {

enum class UndoOutcome : std::uint8_t {
  restored,         ///< it is in its folder now (of a dry run: it would be)
  restored_before,  ///< an earlier undo brought it back; nothing was done
  deleted_here,     ///< its file was deleted here, and so the server's message was: nobody kept the bytes
  not_in_attic,     ///< its bytes rest nowhere, or no longer
  refused,          ///< the next pass would undo this undo
  failed,
};

struct UndoneMessage {
  store::HistoryEntry removal;
  UndoOutcome outcome = UndoOutcome::failed;
  std::string path;    ///< of the file now; "" where there is none
  std::string detail;  ///< why it wasn't brought back, for the user
};

struct UndoReport {
  std::vector<UndoneMessage> messages;  ///< every removal that was meant, the latest first
};

/// On the network thread; may run beside a pass. Each message gets a new name without identity (semantics, hard case 10) in its
/// mailbox's folder, which is made again where it is gone, and the flags that it had, but never \Deleted. Files, names and the note
/// that it was done are durable on return; the next pass uploads them. The name follows from the removal: an undo that is stopped
/// anywhere and run again does nothing twice.
/// Errors: those of the state database. What concerns one message only stands in the report.
Task<Result<UndoReport>> undo(Account& account, UndoRequest request);

}  // namespace mailmirror::sync
