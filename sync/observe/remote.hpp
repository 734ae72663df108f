// What changed on the server in one mailbox: QRESYNC where it works, else CONDSTORE, else a full listing of flags.
#pragma once

#include "imap/client/session.hpp"
#include "store/state/records.hpp"
#include "store/state/state_db.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/plan/changes.hpp"

#include <cstdint>

namespace mailmirror::sync {

/// Where the next observation starts, once all that this one reports has been carried out. It comes only from the SELECT that
/// opened the observation (semantics, hard case 13). 0 = not known.
struct RemoteCheckpoint {
  UidValidity uid_validity;
  Uid uid_next;
  ModSeq highest_modseq;
  std::uint32_t messages = 0;
};

struct RemoteObservation {
  RemoteChanges changes;
  RemoteCheckpoint checkpoint;
  FlagSet settable;  ///< PERMANENTFLAGS
  bool any_keyword_settable = false;
};

/// Leaves the mailbox selected on `session`. Errors: those of the connection; `conflict` where UIDVALIDITY changed or the server
/// went back in time (an older snapshot restored): nothing may be concluded from what it lists then.
/// `known`: all UIDs with a record; `pending`: those of them to be asked for again.
Task<Result<RemoteObservation>> observe_remote(imap::client::Session& session, store::MailboxState state, UidSet known, UidSet pending);

}  // namespace mailmirror::sync
