// NOTIFY (RFC 5465): one connection watches every mailbox.
#pragma once

#include "imap/client/session.hpp"

#include <vector>

namespace mailmirror::imap::client {

/// Asks for news of all personal mailboxes: messages, flags, names, subscriptions. Returns the STATUS of each as it is now; what changes afterwards
/// comes as STATUS and LIST to the unilateral handler (deletions as \NonExistent, renames with OLDNAME). Needs Extension::notify.
/// For the selected mailbox the usual EXISTS, FETCH and VANISHED come only while a command runs or IDLE is on.
Task<Result<std::vector<wire::MailboxStatus>>> notify_all(Session& session);

}  // namespace mailmirror::imap::client
