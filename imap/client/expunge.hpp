// Removing just our messages, and no others that happen to be marked \Deleted.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/uid_set.hpp"

#include <cstdint>

namespace mailmirror::imap::client {

/// UID EXPUNGE (RFC 4315 §2.1): those of `uids` that carry \Deleted. Needs Extension::uidplus.
Task<Result<void>> uid_expunge(Session& session, UidSet uids);

enum class ExpungeOutcome : std::uint8_t {
  done,
  others_are_deleted_too,  ///< nothing was expunged: messages that aren't ours carry \Deleted
};

/// The same without UIDPLUS: EXPUNGE is sent only right after `UID SEARCH DELETED` returned exactly `uids`.
Task<Result<ExpungeOutcome>> expunge_exactly(Session& session, UidSet uids);

}  // namespace mailmirror::imap::client
