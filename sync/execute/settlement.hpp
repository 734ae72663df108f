// What became of uploads whose answer was never seen: found again by their bytes, never sent again on suspicion.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::sync {

struct SettlementReport {
  std::uint64_t found = 0;   ///< on the server: recorded
  std::uint64_t uploads = 0; ///< of those: they were sent as bytes
  std::uint64_t absent = 0;  ///< proven not to be there: the file is a new one again
  std::set<std::string> unmoved;  ///< of those: files whose messages were to be moved here, and weren't
  std::uint64_t buried = 0;  ///< of those: the server had accepted them, somebody else expunged them since; the files rest in the attic
  std::uint64_t open = 0;    ///< not decided yet; the files must not be uploaded in this pass
};

/// Settles the open intents of this mailbox, which is selected on `session` afterwards. The UIDs from each intent's UIDNEXT on that
/// have no record are compared, by size first and then by digest; an intent claims a UID for itself. Absence takes two complete
/// listings with equal UIDNEXT, a settle time apart, since a dead session's APPEND may still be executing (semantics, hard case 12).
Task<Result<SettlementReport>> settle_uploads(MailboxWork work, imap::client::Session& session, std::vector<store::Intent> intents,
                                              UidSet recorded);

}  // namespace mailmirror::sync
