// Files that are a message of the server already: recorded, nothing transferred.
#pragma once

#include "sync/base/result.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <vector>

namespace mailmirror::sync {

/// Blocking. Each file's bytes are made durable before its record.
Result<void> adopt(const MailboxWork& work, const std::vector<Adopt>& adoptions);

}  // namespace mailmirror::sync
