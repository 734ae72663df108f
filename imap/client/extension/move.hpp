// Messages to another mailbox of the same server: MOVE (RFC 6851), COPY, and COPYUID's answer (RFC 4315 §3).
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/uid_set.hpp"

#include <vector>

namespace mailmirror::imap::client {

struct Relocated {
  Uid from;
  Uid to;
};

/// What the server told of where the messages went. A message without a pair was moved, too, but has to be searched for: servers
/// without UIDPLUS, and those that leave COPYUID empty (Microsoft).
struct Relocation {
  UidValidity uid_validity;  ///< of the destination; 0: not told
  std::vector<Relocated> pairs;
  UidSet left_behind;  ///< copied and marked \Deleted, but not expunged: without UIDPLUS messages of others would have gone, too
};

/// UID COPY. UIDs that are gone are no error. Errors: missing ([TRYCREATE]), refused, and those of the connection, after which nobody
/// knows what was done.
Task<Result<Relocation>> copy_messages(Session& session, UidSet uids, MailboxName to);

/// UID MOVE where offered. Else COPY, and only when that was confirmed \Deleted and the expunging of exactly these.
Task<Result<Relocation>> move_messages(Session& session, UidSet uids, MailboxName to);

}  // namespace mailmirror::imap::client
