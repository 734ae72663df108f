// PARTIAL (RFC 9394): search results by pages. On Yahoo it shows what lies beyond the window of 10,000 messages.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/uid_set.hpp"

#include <cstdint>

namespace mailmirror::imap::client {

/// Every UID of the selected mailbox, `page` at a time. Complete, or an error.
Task<Result<UidSet>> search_all_by_pages(Session& session, std::uint32_t page);

}  // namespace mailmirror::imap::client
