// An OAuth2 provider of the test's own making: device codes, PKCE, rotation, revocation, errors, and what mail servers ask.
#pragma once

#include "tests/support/web_server.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::testing {

struct ProviderOptions {
  /// What it says of each access token's life, in seconds.
  std::int64_t expires_in = 3600;
  /// A refresh token works once, and each use gives the next one.
  bool rotates = true;
  /// What the device code's polls are answered with, one after the other, before the user has confirmed it.
  std::vector<std::string> device_answers{};
  /// Seconds between polls, as it asks for.
  int interval = 1;
  bool confirms_device = true;
};

/// The client is "client-1", the user u1. Thread-safe.
class OAuth2Provider {
 public:
  explicit OAuth2Provider(ProviderOptions options = {});

  /// "https://localhost:PORT"; its certificate's authority.
  [[nodiscard]] std::string issuer() const { return secure_.url(); }
  [[nodiscard]] fs::path ca_file() const { return certificates_.path() / "ca.crt"; }
  /// For mail servers (RFC 7662), without TLS.
  [[nodiscard]] std::string introspection_url() const { return plain_.url() + "/introspect"; }

  /// The user's browser at the authorize address: where it is sent, with the code or (declines) the error.
  enum class User : std::uint8_t { agrees, declines };
  std::string browse(const std::string& authorize_url, User user = User::agrees);

  /// Every token given so far ends; "invalid_grant" for the refresh tokens.
  void revoke_everything();
  /// Mail servers no longer take the access tokens given so far; refresh tokens stay.
  void end_access_tokens();
  /// From now on mail servers hear that no token is good, the new ones neither.
  void let_nobody_in();

  /// The token requests that came, by grant type, in order ("refresh_token", …); with "!" behind those that were refused.
  std::vector<std::string> requests();
  /// All tokens that it ever gave: none may stand in a log.
  std::vector<std::string> secrets();

 private:
  struct Folder : TempFolder {
    Folder();
  };
  struct Code {
    std::string challenge;
    std::string redirect;
  };

  WebResponse answer(const WebRequest& request);
  WebResponse describe() const;
  WebResponse device();
  WebResponse token(const WebRequest& request);
  WebResponse introspect(const WebRequest& request);
  WebResponse redeem(const std::map<std::string, std::string>& form);
  WebResponse give_tokens();
  std::string fresh(const std::string& kind);

  ProviderOptions options_;
  std::mutex mutex_;
  std::map<std::string, Code> codes_;
  std::set<std::string> device_codes_;
  std::size_t polls_ = 0;
  std::set<std::string> access_;
  std::set<std::string> refresh_;
  bool lets_in_ = true;
  std::vector<std::string> requests_;
  std::vector<std::string> secrets_;
  int count_ = 0;
  Folder certificates_;
  WebServer plain_;
  WebServer secure_;
};

}  // namespace mailmirror::testing
