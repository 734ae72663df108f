// The numbers by which IMAP knows messages and their changes (RFC 3501 §2.3.1.1, RFC 7162 §3.1).
#pragma once

#include "sync/base/strong.hpp"

#include <cstdint>

namespace mailmirror {

/// A message's unique identifier in its mailbox, valid under one UIDVALIDITY. 0 is never a message's.
using Uid = Strong<struct UidTag, std::uint32_t>;

/// Changes when a mailbox's UIDs start anew. 0 means "not known".
using UidValidity = Strong<struct UidValidityTag, std::uint32_t>;

/// A mailbox's modification sequence; grows with every change. 63 bits (RFC 7162 §7). 0 means "not known".
using ModSeq = Strong<struct ModSeqTag, std::uint64_t>;

/// The identifier the next message will get at least, if the mailbox's highest is `uid`.
constexpr Uid next(Uid uid) { return Uid{uid.value() + 1}; }

}  // namespace mailmirror
