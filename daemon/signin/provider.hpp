// Who signs the user in: addresses, scopes, peculiarities.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/http/form.hpp"
#include "sync/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::daemon::signin {

/// Addresses that are "" aren't offered.
struct Provider {
  std::string
      name;  ///< for messages, and to tell whose tokens are kept: "Google", "Microsoft (common)", an issuer's or token address
  std::string authorize_url;
  std::string token_url;
  std::string device_url;
  std::vector<std::string> scopes;
  http::Fields authorize_extra;  ///< what it wants beside the standard's fields
  std::string loopback_host = "127.0.0.1";

  [[nodiscard]] std::string scope() const;
};

/// What is known without asking anybody.
Provider known_provider(const config::OAuth2& oauth2);

/// Where an issuer describes itself: OpenID Connect's place, then RFC 8414's.
std::vector<std::string> description_urls(const std::string& issuer);

/// Takes over the addresses that `provider` lacks from the issuer's description (JSON). Errors (protocol): it is none, it is
/// another issuer's, an address in it isn't encrypted.
Result<void> take_description(Provider& provider, const std::string& issuer, std::string_view json);

}  // namespace mailmirror::daemon::signin
