// UID STORE as deltas (RFC 3501 §6.4.6): concurrent changes of others to other flags survive.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/uid_set.hpp"

#include <cstdint>

namespace mailmirror::imap::client {

enum class FlagChange : std::uint8_t { add, remove };

/// `UID STORE uids ±FLAGS.SILENT flags`. UIDs that are gone are no error. Neither set is empty.
Task<Result<void>> store_flags(Session& session, UidSet uids, FlagChange change, FlagSet flags);

}  // namespace mailmirror::imap::client
