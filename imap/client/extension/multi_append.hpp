// MULTIAPPEND (RFC 3502): several messages in one APPEND, all of them or none.
#pragma once

#include "imap/client/append.hpp"

#include <vector>

namespace mailmirror::imap::client {

/// Where the messages went, in the order in which they were given; empty where the server doesn't say.
struct AppendedMany {
  std::optional<UidValidity> uid_validity;
  std::vector<Uid> uids;
};

/// Needs Extension::multiappend. `messages` isn't empty. Errors as `append`'s: after a refusal the server holds none of them.
Task<Result<AppendedMany>> multi_append(Session& session, MailboxName mailbox, std::vector<AppendMessage> messages);

}  // namespace mailmirror::imap::client
