// What a listing of a mailbox's UIDs proves. Pure functions: absence is the one observation that deletes mail.
#pragma once

#include "sync/base/uid_set.hpp"

#include <cstdint>

namespace mailmirror::sync {

/// The UIDs of `known` that a complete, tagged-OK listing under the same UIDVALIDITY lacks. A listing that may be a server's window
/// proves nothing below its lowest UID (semantics, hard case 17): one whose count is exactly 1000, 2000, 5000 or 10000, and, on servers
/// known to window, one of at least `window` messages (0: the server isn't known for it; smaller mailboxes it shows whole). Nor does an
/// empty listing of a mailbox that says it holds `exists` > 0 messages.
UidSet proven_absent(const UidSet& known, const UidSet& listing, std::uint32_t exists, std::uint32_t window);

}  // namespace mailmirror::sync
