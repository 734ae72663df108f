// What changed on the server in one mailbox: QRESYNC where it works, else CONDSTORE, else a full listing of flags.
#pragma once

#include "imap/client/select.hpp"
#include "imap/client/session.hpp"
#include "store/state/records.hpp"
#include "store/state/state_db.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/plan/changes.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace mailmirror::sync {

/// Where the next observation starts, once all that this one reports has been carried out. It comes only from the SELECT that
/// opened the observation (semantics, hard case 13). 0 = not known.
struct RemoteCheckpoint {
  UidValidity uid_validity;
  Uid uid_next;
  ModSeq highest_modseq;
  std::uint32_t messages = 0;
};

/// The recorded UIDs may be other messages now (semantics, hard case 7): they have to be matched again before anything is concluded.
enum class Upheaval : std::uint8_t {
  none,
  renumbered,  ///< UIDVALIDITY changed
  went_back,   ///< UIDNEXT or HIGHESTMODSEQ lies behind what was seen, or a recorded UID is another message: an older snapshot was restored
};

struct RemoteObservation {
  Upheaval upheaval = Upheaval::none;  ///< any other: `changes` is empty, `checkpoint` tells the new UIDVALIDITY
  RemoteChanges changes;
  RemoteCheckpoint checkpoint;
  FlagSet settable;  ///< PERMANENTFLAGS
  bool any_keyword_settable = false;
};

/// What a SELECT says of the base. HIGHESTMODSEQ 1, or none at all, is no word about time: the server lost its count (hard case 7).
Upheaval upheaval_of(const store::MailboxState& state, const imap::client::Selected& now, const UidSet& known);

/// The recorded message with the highest UID. Where new mail has overtaken the numbers of before, nothing else tells of a restored server.
struct Landmark {
  Uid uid;
  std::chrono::sys_seconds internal_date{};
  std::uint64_t size = 0;
};

/// What the base holds of a mailbox.
struct KnownMessages {
  UidSet uids;
  UidSet pending;  ///< those of them to be asked for again
  std::optional<Landmark> landmark;
};
/// Blocking. Nothing is `pending`.
KnownMessages known_messages(const store::ReadTxn& read, store::MailboxId mailbox);

/// Leaves the mailbox selected on `session`. Errors: those of the connection.
Task<Result<RemoteObservation>> observe_remote(imap::client::Session& session, store::MailboxState state, KnownMessages known);

}  // namespace mailmirror::sync
