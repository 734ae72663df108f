// Messages that were moved on the server: their files follow them, and no body is transferred.
#pragma once

#include "store/files/maildir.hpp"
#include "sync/account/account.hpp"
#include "sync/account/candidate.hpp"
#include "sync/account/moves.hpp"
#include "sync/account/session_source.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <deque>
#include <string>
#include <vector>

namespace mailmirror::sync {

/// A message that the server no longer has where its record says, and its file, wherever that is.
struct Departed {
  store::MailboxState from;
  store::Record record;
  std::string directory;  ///< of the file
  store::MaildirFile file;
};

struct Brought {
  std::vector<PassEvent> moved;  ///< one event for each
  bool look_everywhere = false;  ///< see MovesReport
};

/// Looks at the mailboxes of `queue` that lost or gained messages, and carries the files of those that were moved. `departed`: those
/// that were found gone already because their files were moved here: such a file goes where the server has the message (semantics, "moved
/// to X, moved to Y"). Where only some mailboxes are looked at and none of them has it, the file is left to a pass over all of them.
/// Errors: those of the connection.
Task<Result<Brought>> bring_files_along(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue,
                                        std::vector<Departed> departed, Reach reach);

}  // namespace mailmirror::sync
