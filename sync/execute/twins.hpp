// Messages that the account has already, in another mailbox, under one identity (EMAILID of RFC 8474, X-GM-MSGID): linked, not
// downloaded (semantics, "Identity").
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace mailmirror::sync {

struct TwinReport {
  std::uint64_t linked = 0;
  std::vector<Download> left;  ///< those that have to be downloaded, in the order given
};

/// Makes those of `wanted` visible in the mailbox's folder whose identity a record of the account has, with a file whose bytes are still
/// the recorded ones, and records them: durable on return, and told as added. A file that can't be used is no error: its message is
/// downloaded.
Task<Result<TwinReport>> link_twins(MailboxWork work, std::vector<Download> wanted);

}  // namespace mailmirror::sync
