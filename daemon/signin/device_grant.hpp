// The device code flow (RFC 8628): the user types a code into a browser anywhere, this program asks meanwhile.
#pragma once

#include "daemon/signin/answers.hpp"
#include "daemon/signin/provider.hpp"

#include <chrono>
#include <variant>

namespace mailmirror::daemon::signin {

/// What the user gets to see, and what this program asks with.
struct DeviceGrant {
  std::string device_code;  ///< a secret
  std::string user_code;
  std::string verification_url;
  std::string complete_url;  ///< with the code in it; "" where there is none
  std::chrono::seconds life{900};
  std::chrono::seconds interval{5};
};

http::Fields device_form(const config::OAuth2& client, const Provider& provider);

/// Errors: authentication (the provider refuses the client), network, throttled, protocol.
Result<DeviceGrant> read_device_grant(const http::Response& response, std::string_view whose);

/// The waiting, without a clock or a socket. Flow: sleep until `next()`, POST `form()`, give what came of it to `hear`.
class DeviceWait {
 public:
  DeviceWait(DeviceGrant grant, SteadyTime now);

  [[nodiscard]] SteadyTime next() const { return next_; }
  [[nodiscard]] http::Fields form(const config::OAuth2& client) const;

  struct Again {};
  /// Tokens end it well, an Error ends it; Again: go on. Where the network failed, that is no end: it asks more slowly (§3.5).
  Result<std::variant<Again, Tokens>> hear(const TokenAnswer& answer, SteadyTime now);

 private:
  DeviceGrant grant_;
  SteadyTime end_;
  SteadyTime next_;
  std::chrono::seconds interval_;
};

}  // namespace mailmirror::daemon::signin
