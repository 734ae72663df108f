// Which way to log in: the strongest that both sides have, and never a password in the clear.
#pragma once

#include "imap/auth/method.hpp"
#include "sync/base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::imap::auth {

/// What the choice depends on.
struct Situation {
  std::vector<std::string> mechanisms;  ///< the server's AUTH=… names, upper case
  enum class LoginCommand : std::uint8_t { allowed, disabled } login_command = LoginCommand::allowed;  ///< LOGINDISABLED
  /// `exposed`: others on the network could read what is sent. `sheltered`: TLS, or loopback, or the user allows it.
  enum class Line : std::uint8_t { sheltered, exposed } line = Line::exposed;
};

struct Choice {
  enum class Form : std::uint8_t { authenticate, login_command } form = Form::authenticate;
  AuthMethod method = AuthMethod::plain;  ///< where form is `authenticate`
};

/// `automatic` with a password: SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, then the LOGIN command; with a token: OAUTHBEARER, then
/// XOAUTH2. A named method is taken or refused. Errors of kind authentication: what the server offers and what to set.
Result<Choice> choose(const Situation& situation, AuthMethod wanted, SecretKind kind);

}  // namespace mailmirror::imap::auth
