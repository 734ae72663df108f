// Identities that survive a move: OBJECTID's EMAILID (RFC 8474) and Gmail's X-GM-MSGID (X-GM-EXT-1).
#pragma once

#include "imap/client/capabilities.hpp"
#include "imap/wire/response.hpp"

#include <string>

namespace mailmirror::imap::client {

/// " EMAILID", " X-GM-MSGID" or "": what a FETCH asks for besides.
std::string identity_item(const Capabilities& capabilities);

/// The identity that a FETCH told, "" if none; the two kinds never equal each other.
std::string identity_in(const wire::Fetch& fetch);

}  // namespace mailmirror::imap::client
