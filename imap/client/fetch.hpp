// FETCH (RFC 3501 §6.4.5) in the three shapes that mirroring needs. A mailbox is selected.
#pragma once

#include "imap/client/message.hpp"
#include "imap/client/session.hpp"
#include "sync/base/uid_set.hpp"

#include <optional>
#include <vector>

namespace mailmirror::imap::client {

/// Flags of `uids` (not empty; nullopt: of all messages), or only of those changed after `changed_since` (needs CONDSTORE).
/// Ascending, one entry a UID. Complete: an answer without its tagged OK is an error.
Task<Result<std::vector<MessageFlags>>> fetch_flags(Session& session, std::optional<UidSet> uids,
                                                    std::optional<ModSeq> changed_since);

/// Ascending, one entry a UID; UIDs without an answer are absent.
Task<Result<std::vector<MessageSummary>>> fetch_summaries(Session& session, UidSet uids);

/// Streams BODY.PEEK[] of `uids` into `sink`, in whatever order they come. UIDs without an answer are not delivered: the caller
/// compares. `sink` outlives the call.
Task<Result<void>> fetch_bodies(Session& session, UidSet uids, BodySink& sink);

}  // namespace mailmirror::imap::client
