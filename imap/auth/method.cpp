#include "imap/auth/method.hpp"

namespace mailmirror::imap::auth {

std::string_view to_string(AuthMethod method) noexcept {
  switch (method) {
    case AuthMethod::automatic: return "auto";
    case AuthMethod::plain: return "plain";
    case AuthMethod::login: return "login";
    case AuthMethod::scram_sha_256_plus: return "scram-sha-256-plus";
    case AuthMethod::scram_sha_1_plus: return "scram-sha-1-plus";
    case AuthMethod::scram_sha_256: return "scram-sha-256";
    case AuthMethod::scram_sha_1: return "scram-sha-1";
    case AuthMethod::xoauth2: return "xoauth2";
    case AuthMethod::oauthbearer: return "oauthbearer";
    case AuthMethod::external: return "external";
  }
  return "auto";
}

}  // namespace mailmirror::imap::auth
