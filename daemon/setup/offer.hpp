// One way to an account's mail, as somebody told it.
#pragma once

#include "daemon/config/config.hpp"

#include <cstdint>
#include <string>

namespace mailmirror::daemon::setup {

struct Offer {
  std::string host;
  std::uint16_t port = 993;
  config::Tls tls = config::Tls::implicit;
  std::string user;    ///< what logs in
  std::string source;  ///< who says so: "the DNS record _imaps._tcp.example.org"

  /// OAuth2: one that mailmirror knows ("google", "microsoft"), or the issuer's address and what to ask it for. Both empty: none.
  std::string provider{};
  std::string issuer{};
  std::string scopes{};  ///< what is asked of an issuer, spaces between them
  bool takes_password = true;
  std::string note{};  ///< what somebody who signs in there has to know

  [[nodiscard]] bool takes_oauth2() const { return !provider.empty() || !issuer.empty(); }

  friend bool operator==(const Offer&, const Offer&) = default;
};

}  // namespace mailmirror::daemon::setup
