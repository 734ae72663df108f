// ENABLE (RFC 5161): what is switched on for a whole connection.
#pragma once

#include "imap/client/capabilities.hpp"
#include "imap/wire/response.hpp"

#include <bitset>
#include <string>

namespace mailmirror::imap::client {

/// The arguments of ENABLE for this server, "" where there is nothing to switch on: QRESYNC, else CONDSTORE (RFC 7162); UTF8=ACCEPT
/// (RFC 6855: names in UTF-8, and messages with UTF-8 headers as they are); IMAP4rev2 (RFC 9051); UIDONLY (RFC 9586: this client
/// names messages by UID alone).
std::string extensions_to_enable(const Capabilities& capabilities);

/// What the server says it has switched on. QRESYNC implies CONDSTORE (RFC 7162 §3.2.3).
void note_enabled(const wire::Enabled& answer, std::bitset<kExtensionCount>& enabled);

}  // namespace mailmirror::imap::client
