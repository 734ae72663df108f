// Files of messages that the server no longer has under any UID though nobody deleted them: they wait for the user's word.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace mailmirror::sync {

struct OrphanReport {
  std::set<std::string> waiting;   ///< unique names: neither new nor known
  std::set<std::string> released;  ///< new files from now on
  std::uint64_t to_attic = 0;
};

/// Those whose files are gone are forgotten. `approved`: the others rest in the attic. `rejected`: they are to be uploaded, but for those
/// whose bytes a message of this mailbox has by now (semantics, hard case 6): these rest in the attic, too.
Task<Result<OrphanReport>> settle_orphans(MailboxWork work, OrphanWord word);

}  // namespace mailmirror::sync
