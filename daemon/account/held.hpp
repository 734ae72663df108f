// What waits for the user's word in an account, for the control socket.
#pragma once

#include "daemon/control/held_documents.hpp"
#include "sync/account/account.hpp"
#include "sync/base/task.hpp"

#include <memory>
#include <set>
#include <vector>

namespace mailmirror::daemon {

/// Of these mailboxes. Error where the state database can't be read.
Task<Result<std::vector<control::HeldMailbox>>> held_in(std::shared_ptr<sync::Account> account, std::set<MailboxName> mailboxes);

}  // namespace mailmirror::daemon
