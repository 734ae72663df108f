// NOTIFY (RFC 5465): one connection watches every mailbox.
#pragma once

#include "imap/client/session.hpp"

#include <vector>

namespace mailmirror::imap::client {

/// Asks for news of all personal mailboxes: messages, flags, names, subscriptions. Returns the STATUS of each as it is now; what
/// changes afterwards comes as STATUS and LIST to the unilateral handler (deletions as \NonExistent, renames with OLDNAME). Needs
/// Extension::notify, and a session on which no mailbox is selected. Not a promise: a server may give up (NOTIFICATIONOVERFLOW
/// comes as an untagged status), and Dovecot 2.3 now and then swallows news; so poll besides.
Task<Result<std::vector<wire::MailboxStatus>>> notify_all(Session& session);

}  // namespace mailmirror::imap::client
