// ID (RFC 2971): who is who. NetEase lets nobody select a mailbox before it.
#pragma once

#include "imap/wire/command.hpp"

namespace mailmirror::imap::client {

/// Our name and version, in quoted strings (Yahoo takes nothing else).
wire::Command id_command();

}  // namespace mailmirror::imap::client
