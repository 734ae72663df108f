// CONDSTORE (RFC 7162 §3.1): flags by MODSEQ.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/uid.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mailmirror::imap::client {

/// " (CHANGEDSINCE n)" after the items of a FETCH; "" without a MODSEQ.
std::string changed_since_modifier(std::optional<ModSeq> since);

/// Whether SELECT has to ask for it: it is offered and ENABLE didn't switch it on.
bool select_asks_for_condstore(const Session& session);

/// nullopt for values that no delta can start from: 0, and Dovecot's 1 ("not tracked yet").
std::optional<ModSeq> usable_modseq(std::uint64_t highest);

}  // namespace mailmirror::imap::client
