// NAMESPACE (RFC 2342): where the user's own mailboxes begin, and where those of others.
#pragma once

#include "imap/client/session.hpp"

namespace mailmirror::imap::client {

/// Needs Extension::namespaces.
Task<Result<wire::Namespace>> namespaces(Session& session);

/// The prefix that a new personal mailbox needs ("INBOX." on Courier), "" for none.
std::string personal_prefix(const wire::Namespace& spaces);

}  // namespace mailmirror::imap::client
