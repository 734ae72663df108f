// `expunge = true`: what is \Deleted on both sides goes from both.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/deletions.hpp"

namespace mailmirror::sync {

struct PurgeReport {
  DeletionReport there;
  std::uint64_t to_attic = 0;
};

/// The mailbox is selected on `session`. Only those whose file still shows T and which are \Deleted there, each still the recorded message
/// (INTERNALDATE and RFC822.SIZE, hard case 7), are expunged; without UIDPLUS only where nobody else's messages would go too (hard case
/// 9). The files of those that the server then no longer has rest in the attic.
Task<Result<PurgeReport>> purge(MailboxWork work, imap::client::Session& session, UidSet uids);

}  // namespace mailmirror::sync
