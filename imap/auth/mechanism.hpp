// SASL mechanisms (RFC 4422) as small state machines: challenges in, answers out, no I/O.
#pragma once

#include "sync/base/random.hpp"
#include "sync/base/result.hpp"

#include "imap/auth/method.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::auth {

struct Credentials {
  std::string user;
  std::string secret;
  SecretKind kind = SecretKind::password;
  std::string host;  ///< OAUTHBEARER names the server (RFC 7628 §3.1)
  std::uint16_t port = 0;
};

/// One exchange; one use. All strings are raw bytes, base64 is the caller's business.
class Mechanism {
 public:
  virtual ~Mechanism() = default;

  /// As in AUTHENTICATE and AUTH=….
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// What the client says without being asked (RFC 4959); nullopt where the server speaks first.
  virtual std::optional<std::string> initial_response() = 0;

  /// The answer to a challenge. An error ends the exchange: cancel it with "*".
  virtual Result<std::string> respond(std::string_view challenge) = 0;

  /// Asked once the server said OK: an error if the server hasn't proved what this mechanism demands (SCRAM: that it knows the
  /// password too, RFC 5802 §3).
  [[nodiscard]] virtual Result<void> finish() const { return ok(); }
};

/// `method` is a SASL mechanism, i.e. not `automatic`. `random` gives SCRAM's nonce.
std::unique_ptr<Mechanism> make_mechanism(AuthMethod method, Credentials credentials, Random& random);

}  // namespace mailmirror::imap::auth
