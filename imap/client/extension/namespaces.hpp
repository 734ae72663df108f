// NAMESPACE (RFC 2342): where the user's own mailboxes begin, and where those of others. Asked once a connection, along with ID.
#pragma once

#include "imap/wire/response.hpp"

#include <string>

namespace mailmirror::imap::client {

/// The prefix that a new mailbox of the user's needs ("INBOX." on Courier), "" for none.
std::string personal_prefix(const wire::Namespace& spaces);

}  // namespace mailmirror::imap::client
