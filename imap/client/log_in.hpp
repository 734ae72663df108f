// Proving to the server who we are.
#pragma once

#include "imap/client/capabilities.hpp"
#include "imap/client/dialog.hpp"
#include "imap/client/options.hpp"

namespace mailmirror::imap::client {

/// Flow: the strongest way that both sides have; where the server refuses it for a reason that can't be the password
/// (auth::Retreat), the next one. A password that the server has judged once is never shown to it again by another mechanism: that
/// would count twice towards the account's lock. The first refusal is told if the server hangs up on a later attempt.
///
/// Returns what the server told of its capabilities with the OK (RFC 3501 §7.1); empty where it told nothing.
///
/// All references have to outlive the coroutine; `offered` is what the server offers now, over the connection as it is now. Errors:
/// network, authentication, throttled, protocol, configuration (the wrong kind of secret for the method).
Task<Result<wire::CapabilityNames>> log_in(Dialog& dialog, const Environment& environment, const SessionOptions& options,
                                           const Capabilities& offered);

}  // namespace mailmirror::imap::client
