// The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252): the browser brings a code to a loopback address, or
// the user copies the address that the browser was sent to.
#pragma once

#include "daemon/signin/provider.hpp"
#include "sync/base/random.hpp"

#include <string>
#include <string_view>

namespace mailmirror::daemon::signin {

/// One attempt to sign in; what comes back has to know its `state`.
class CodeGrant {
 public:
  CodeGrant(Random& random, std::string redirect_url);

  /// What the user's browser opens. `user` is only a hint for the provider's form.
  [[nodiscard]] std::string authorize_url(const config::OAuth2& client, const Provider& provider, const std::string& user) const;

  /// The code in the query of an address or request target that came back. Errors: protocol (it isn't an answer to this attempt:
  /// wait on), authentication (the provider says no: over).
  [[nodiscard]] Result<std::string> code_in(std::string_view url) const;

  /// What the code is exchanged with.
  [[nodiscard]] http::Fields form(const config::OAuth2& client, const std::string& code) const;

 private:
  std::string redirect_url_;
  std::string state_;
  std::string verifier_;
};

/// BASE64URL(SHA256(verifier)), RFC 7636 §4.2.
std::string pkce_challenge(std::string_view verifier);

}  // namespace mailmirror::daemon::signin
