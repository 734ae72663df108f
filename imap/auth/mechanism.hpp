// SASL mechanisms (RFC 4422) as small state machines: challenges in, answers out, no I/O.
#pragma once

#include "sync/base/random.hpp"
#include "sync/base/result.hpp"

#include "imap/auth/gs2.hpp"
#include "imap/auth/method.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::auth {

/// User and password go out byte for byte: SCRAM's and PLAIN's SASLprep (RFC 4013) changes nothing in ASCII without control
/// characters, and no library here has it for the rest. A non-ASCII password therefore has to be given as the server keeps it,
/// which as a rule is Unicode's composed form (NFC).
struct Credentials {
  std::string user;
  std::string secret;
  SecretKind kind = SecretKind::password;
  std::string host;  ///< OAUTHBEARER names the server (RFC 7628 §3.1)
  std::uint16_t port = 0;
};

/// Which way is still open after the server refused an exchange.
enum class Retreat : std::uint8_t {
  none,          ///< the secret was judged, or may have been, or somebody meddles: another try could lock the account, or betray it
  other_method,  ///< it ended before anything made from the secret was sent
  other_binding,  ///< the server doesn't know this type of channel binding
  no_binding,     ///< the server says it has none
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

  /// Asked once the exchange has failed; `words`: in which the failure is told, the server's among them.
  [[nodiscard]] virtual Retreat retreat([[maybe_unused]] std::string_view words) const { return Retreat::none; }
};

/// `method` is a SASL mechanism, i.e. not `automatic`. `random` gives SCRAM's nonce. `binding` concerns SCRAM alone; it is `bound`
/// for the methods that bind the channel, and only for these.
std::unique_ptr<Mechanism> make_mechanism(AuthMethod method, Credentials credentials, Random& random, Binding binding = {});

}  // namespace mailmirror::imap::auth
