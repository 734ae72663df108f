// Mailboxes and directories that got another name, settled before anything else is planned (semantics, hard case 5): else a rename
// would be a mailbox that goes and another one that comes.
#pragma once

#include "imap/client/mailboxes.hpp"
#include "imap/client/session.hpp"
#include "sync/account/account.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/mailbox_planner.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace mailmirror::sync {

/// What LIST, the base and the disk say.
struct MailboxSituation {
  const std::vector<imap::client::ListedMailbox>& listed;
  const std::map<MailboxName, store::MailboxState>& states;
  const std::vector<RemoteMailbox>& remote;
  const std::vector<LocalFolder>& local;
  const std::set<MailboxName>& included;
};

/// Renamed on the server (MAILBOXID, else UIDVALIDITY and, of up to three recorded messages, Message-ID, size and INTERNALDATE): the
/// directory is renamed. A directory renamed here (the names of up to three recorded files, else the inode of its cur/): RENAME. The base
/// follows. Returns how many; after any the situation has to be looked at anew. INBOX is never renamed. Errors: those of the connection.
Task<Result<std::uint64_t>> follow_renames(Account& account, AccountParts parts, imap::client::Session& session, MailboxSituation now);

}  // namespace mailmirror::sync
