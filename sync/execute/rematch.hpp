// A mailbox whose UIDs mean something else now: its UIDVALIDITY changed, or the server was restored from an older snapshot.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstdint>

namespace mailmirror::sync {

struct RematchReport {
  std::uint64_t matched = 0;    ///< kept their files and flags, under new UIDs
  std::uint64_t unmatched = 0;  ///< orphans now: no file was touched
};

/// Finds every recorded message again among all that the server lists: by Message-ID, size and INTERNALDATE where nobody else has the
/// same, else by the digest of the bytes (semantics, hard case 6). In one transaction the base is rewritten for `now`, without a
/// checkpoint, and `work.state` with it; a record without a match whose file may be here becomes an orphan. Nothing is deleted on either
/// side. The mailbox is selected on `session`.
Task<Result<RematchReport>> rematch(MailboxWork work, imap::client::Session& session, UidValidity now);

}  // namespace mailmirror::sync
