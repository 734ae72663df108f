// What a listing of a mailbox's UIDs proves. Pure functions: absence is the one observation that deletes mail.
#pragma once

#include "sync/base/uid_set.hpp"

#include <cstdint>

namespace mailmirror::sync {

/// The UIDs of `known` that a complete, tagged-OK listing under the same UIDVALIDITY lacks. A listing whose count looks like a
/// server's window (exactly 1000, 2000, 5000 or 10000; semantics, hard case 17) proves nothing below its lowest UID. Nor does an
/// empty listing of a mailbox that says it holds `exists` > 0 messages.
UidSet proven_absent(const UidSet& known, const UidSet& listing, std::uint32_t exists);

}  // namespace mailmirror::sync
