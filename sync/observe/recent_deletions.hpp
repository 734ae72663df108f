// What the guard has to know of the past, out of the history.
#pragma once

#include "store/state/state_db.hpp"
#include "sync/plan/planner.hpp"

#include <chrono>

namespace mailmirror::sync {

/// Blocking; reads all changes of the last hour. What was deleted before the user's last approval in this mailbox doesn't count.
RecentDeletions recent_deletions(const store::ReadTxn& read, store::MailboxId mailbox, std::chrono::sys_seconds now);

}  // namespace mailmirror::sync
