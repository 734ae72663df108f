// From nothing to a logged-in session.
#pragma once

#include "imap/client/options.hpp"
#include "imap/client/session.hpp"

#include <memory>

namespace mailmirror::imap::client {

/// Flow: connect → TLS → greeting → (STARTTLS → TLS, what was said before is forgotten) → login → CAPABILITY → ID → ENABLE QRESYNC
/// or CONDSTORE, where offered → COMPRESS, where offered and wanted. Nothing of value is sent before the TLS that the options
/// demand. Errors: network, timeout, tls, certificate, authentication, throttled, protocol (no IMAP server), unsupported (no
/// IMAP4rev1).
Task<Result<std::unique_ptr<Session>>> open_session(Environment environment, SessionOptions options);

}  // namespace mailmirror::imap::client
