// Which ways to log in, in which order: the strongest that both sides have first, and never a password in the clear.
#pragma once

#include "imap/auth/mechanism.hpp"
#include "imap/auth/method.hpp"
#include "sync/base/result.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace mailmirror::imap::auth {

/// What the choice depends on.
struct Situation {
  std::vector<std::string> mechanisms;  ///< the server's AUTH=… names, upper case
  enum class LoginCommand : std::uint8_t { allowed, disabled } login_command = LoginCommand::allowed;  ///< LOGINDISABLED
  /// `exposed`: others on the network could read what is sent. `sheltered`: TLS, or loopback, or the user allows it.
  enum class Line : std::uint8_t { sheltered, exposed } line = Line::exposed;
  std::vector<ChannelBinding> channels;  ///< what the TLS connection can be bound by, best first; empty without TLS
};

struct Attempt {
  enum class Form : std::uint8_t { authenticate, login_command } form = Form::authenticate;
  AuthMethod method = AuthMethod::plain;  ///< where form is `authenticate`
  Binding binding;
};

/// The attempts worth making, one after the other. Only `automatic` has more than one method; a named one may have several types of
/// channel binding to try.
///
/// A server that could still be talked into a weaker method by a refusal is one that could as well have offered only that; who
/// wants no such step names the method.
class Attempts {
 public:
  explicit Attempts(std::deque<Attempt> attempts) : attempts_(std::move(attempts)) {}

  /// The next one to make.
  [[nodiscard]] const Attempt& next() const { return attempts_.front(); }

  /// The next one was refused. False: nothing else is worth trying, the refusal stands.
  bool retreat(Retreat way);

 private:
  void drop_bound();

  std::deque<Attempt> attempts_;
};

/// `automatic` with a password: SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, and the LOGIN
/// command where the server has neither of these two; with a token: OAUTHBEARER, then XOAUTH2; with neither: EXTERNAL. A named
/// method is taken or refused. Errors of kind authentication: what the server offers and what to set.
Result<Attempts> choose(const Situation& situation, AuthMethod wanted, SecretKind kind);

}  // namespace mailmirror::imap::auth
