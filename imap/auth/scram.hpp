// SCRAM (RFC 5802, RFC 7677): proves the password without sending it, and makes the server prove that it knows it too.
#pragma once

#include "imap/auth/mechanism.hpp"

#include <cstdint>

namespace mailmirror::imap::auth {

enum class ScramHash : std::uint8_t { sha_1, sha_256 };

/// No channel binding. `nonce`: printable ASCII without commas.
std::unique_ptr<Mechanism> make_scram(ScramHash hash, Credentials credentials, std::string nonce);

}  // namespace mailmirror::imap::auth
