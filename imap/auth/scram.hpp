// SCRAM (RFC 5802, RFC 7677): proves the password without sending it, and makes the server prove that it knows it too.
#pragma once

#include "imap/auth/mechanism.hpp"

#include <cstdint>

namespace mailmirror::imap::auth {

enum class ScramHash : std::uint8_t { sha_1, sha_256 };

/// The -PLUS form where `binding` is `bound`. `nonce`: printable ASCII without commas.
///
/// Its retreat: what the server says in its own words (RFC 5802 §7, "e=…") decides. Without such words, a refusal before the server
/// has shown the salt can't be about the password, of which the server knows nothing yet: there are servers that offer SCRAM and
/// keep no keys for it. After the proof was sent nothing
/// else is tried, with one exception: Cyrus SASL looks at the type of a channel binding only then, knows none but tls-unique, and
/// says "bad protocol" of all others, which it never says of a wrong password.
std::unique_ptr<Mechanism> make_scram(ScramHash hash, Credentials credentials, std::string nonce, Binding binding = {});

}  // namespace mailmirror::imap::auth
