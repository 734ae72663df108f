// QUOTA (RFC 9208): how full the account is.
#pragma once

#include "imap/client/session.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace mailmirror::imap::client {

/// In octets. What bounds a mailbox is the fullest of its quota roots.
struct StorageQuota {
  std::uint64_t used = 0;
  std::uint64_t limit = 0;
  [[nodiscard]] std::uint64_t free() const { return limit > used ? limit - used : 0; }
};

/// nullopt: the mailbox has no limit of storage, or the server doesn't want to tell. Needs Extension::quota.
Task<Result<std::optional<StorageQuota>>> storage_quota(Session& session, MailboxName mailbox);

}  // namespace mailmirror::imap::client
