// Messages that went from one mailbox to another, found before each mailbox is looked at by itself: there a move would be a message
// that goes and another one that comes.
#pragma once

#include "sync/account/account.hpp"
#include "sync/account/candidate.hpp"
#include "sync/account/session_source.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstdint>
#include <deque>

namespace mailmirror::sync {

struct MovesReport {
  std::uint64_t moved_remotely = 0;  ///< the user moved the file, the message followed
  std::uint64_t copied_remotely = 0;  ///< the user copied the file, the server the message
  std::uint64_t moved_locally = 0;   ///< the message was moved on the server, the file followed
  bool look_everywhere = false;      ///< a file was moved here whose message left its mailbox: where to, only a pass over all of them can tell
};

/// Which mailboxes the queue holds.
enum class Reach : std::uint8_t { all_mailboxes, some };

/// Carries moves over between the mailboxes of `queue`, in both directions, without transferring a body, and records where the
/// messages are now; the passes over the mailboxes then find them in their new places. Files: those whose name or digest tells which
/// record they are; messages: by `match_moves`. A message that was moved on both sides goes where the server has it. What isn't
/// certain is left to those passes. Errors: those of the connection, after which it isn't known what was moved; a pass later finds out.
Task<Result<MovesReport>> follow_moves(Account& account, AccountParts parts, SessionSource& sessions, std::deque<Candidate>& queue,
                                       Reach reach);

}  // namespace mailmirror::sync
