// What the user wants done in one mailbox: the part of the configuration that the planner looks at.
#pragma once

#include "sync/base/uid_set.hpp"

#include <cstdint>

namespace mailmirror::sync {

enum class Mode : std::uint8_t {
  two_way,  ///< both sides' changes are carried over
  pull,     ///< the server is the truth; local changes are undone, changed or added files go to the attic first
  archive,  ///< only downloads; nothing is ever removed or changed locally but by what is new on the server
};

enum class OnLocalDelete : std::uint8_t {
  expunge,  ///< delete on the server too
  trash,    ///< move to the \Trash mailbox
  keep,     ///< the server keeps it; it isn't downloaded again
};

/// Mass deletions are held (semantics, "Mass-deletion guard"): more than `messages` and more than `percent` of a mailbox.
struct GuardLimits {
  std::uint32_t messages = 50;
  std::uint32_t percent = 25;
};

/// The user's word about files of messages that the server lost (hard case 6).
enum class OrphanWord : std::uint8_t { none, approved, rejected };

/// The user's word about deletions that were held: by UID of the message in this mailbox.
struct GuardDecisions {
  UidSet approved;
  UidSet rejected;
  OrphanWord orphans = OrphanWord::none;
};

struct Policy {
  Mode mode = Mode::two_way;
  OnLocalDelete on_local_delete = OnLocalDelete::expunge;
  bool delete_mailboxes = false;  ///< a directory deleted here deletes the mailbox there
  bool expunge = false;           ///< messages that are \Deleted on both sides go
  GuardLimits guard;
  std::uint64_t max_message_size = 0;  ///< in bytes as the server counts them (RFC822.SIZE); 0: no limit
};

}  // namespace mailmirror::sync
