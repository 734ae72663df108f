// Listings of UIDs (RFC 3501 §6.4.4, RFC 4731).
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/uid_set.hpp"

namespace mailmirror::imap::client {

/// Every UID of the selected mailbox; ESEARCH where offered. Complete: an answer without its data or its tagged OK is an error.
Task<Result<UidSet>> search_all_uids(Session& session);

/// The UIDs that carry \Deleted.
Task<Result<UidSet>> search_deleted_uids(Session& session);

}  // namespace mailmirror::imap::client
