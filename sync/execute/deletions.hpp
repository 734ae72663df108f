// Deletions, in either direction. The last look at each message is taken here, just before it goes.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::sync {

struct DeletionReport {
  std::uint64_t deleted = 0;
  std::vector<std::string> notes;  ///< what had to stay, and why
  bool strangers = false;          ///< recorded UIDs are other messages now (hard case 7): they stayed; the mailbox has to be matched again
};

/// Deletes on the server what is gone here. Each file's absence is proven once more (hard case 1) and each UID must still be the
/// recorded message (INTERNALDATE and RFC822.SIZE, hard case 7), else it stays. `UID EXPUNGE`; without UIDPLUS only where nobody
/// else's messages would go too (hard case 9). The mailbox is selected on `session`.
Task<Result<DeletionReport>> expunge_remotely(MailboxWork work, imap::client::Session& session, UidSet uids);

/// Blocking. Makes the removals durable (hard case 2) and tells which of these files are proven absent then (hard case 1).
using AbsenceProof = std::function<Result<std::vector<std::string>>(const std::vector<std::string>& uniques)>;

/// The same for a mailbox whose folder is gone; `trash`: they are moved there.
Task<Result<DeletionReport>> delete_remotely(AccountParts& account, store::MailboxState state, imap::client::Session& session, UidSet uids,
                                             std::optional<MailboxName> trash, AbsenceProof proof);

/// The same checks; then they are moved to that mailbox. Messages that the server refuses to move stay, with a note.
Task<Result<DeletionReport>> trash_remotely(MailboxWork work, imap::client::Session& session, UidSet uids, MailboxName trash);

/// Files of messages that the server no longer has rest in the attic; durable there before they are gone here. Files that were edited
/// stay, as new ones; the records of files that vanished meanwhile stay.
Task<Result<std::uint64_t>> move_to_attic(MailboxWork work, UidSet uids);

/// The same for files that have no record.
Task<Result<std::uint64_t>> move_files_to_attic(MailboxWork work, std::vector<NewFile> files);

/// Only the records go.
Task<Result<void>> forget(MailboxWork work, UidSet uids);

/// The records become `skipped`: the messages stay on the server alone. New ones get a record.
Task<Result<void>> skip(MailboxWork work, UidSet uids);

}  // namespace mailmirror::sync
