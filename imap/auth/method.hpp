// The ways to log in, as configured.
#pragma once

#include <cstdint>
#include <string_view>

namespace mailmirror::imap::auth {

enum class AuthMethod : std::uint8_t {
  automatic,
  plain,
  login,
  scram_sha_256_plus,  ///< tied to the TLS connection; a server that refuses that is refused
  scram_sha_1_plus,
  scram_sha_256,  ///< not tied to it
  scram_sha_1,
  xoauth2,
  oauthbearer,
  external,
};

/// Whether the method ties the login to the TLS connection (RFC 5802 §6).
constexpr bool binds_channel(AuthMethod method) noexcept {
  return method == AuthMethod::scram_sha_256_plus || method == AuthMethod::scram_sha_1_plus;
}

constexpr bool is_scram(AuthMethod method) noexcept {
  return binds_channel(method) || method == AuthMethod::scram_sha_256 || method == AuthMethod::scram_sha_1;
}

/// What the secret is. A password never goes where a token belongs, nor the other way round.
enum class SecretKind : std::uint8_t { password, token, none };

/// The configuration's word ("scram-sha-256", "auto").
std::string_view to_string(AuthMethod method) noexcept;

}  // namespace mailmirror::imap::auth
