// The ways to log in, as configured.
#pragma once

#include <cstdint>
#include <string_view>

namespace mailmirror::imap::auth {

enum class AuthMethod : std::uint8_t { automatic, plain, login, scram_sha_256, scram_sha_1, xoauth2, oauthbearer, external };

/// What the secret is. A password never goes where a token belongs, nor the other way round.
enum class SecretKind : std::uint8_t { password, token, none };

/// The configuration's word ("scram-sha-256", "auto").
std::string_view to_string(AuthMethod method) noexcept;

}  // namespace mailmirror::imap::auth
