#include "daemon/config/oauth2_reader.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/config/privacy.hpp"
#include "daemon/http/url.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::daemon::config {
namespace {

const std::vector<std::pair<std::string, OAuth2::Provider>> kProviders{{"google", OAuth2::Provider::google},
                                                                       {"microsoft", OAuth2::Provider::microsoft}};

class OAuth2Reader {
 public:
  OAuth2Reader(const toml::table& table, const std::string& account, const std::filesystem::path& file,
               const Environment& environment, ConfigErrors& errors)
      : in_(table, "account." + account + ".oauth2", file.string(), environment, errors), file_(file) {}

  OAuth2 run() {
    if (const auto provider = in_.choice("provider", kProviders)) oauth2_.provider = *provider;
    take_url("issuer", oauth2_.issuer);
    take_url("authorize_url", oauth2_.authorize_url);
    take_url("token_url", oauth2_.token_url);
    take_url("device_url", oauth2_.device_url);
    check_provider();
    client();
    tenant();
    if (auto scopes = in_.texts("scopes")) oauth2_.scopes = std::move(*scopes);
    if (oauth2_.scopes.empty() && !in_.has("provider"))
      in_.error_at_table(
          fmt::format("[{}] lacks 'scopes': what the provider calls the right to use IMAP, and to stay signed in, such as "
                      "[\"https://mail.example.org/imap\", \"offline_access\"]",
                      in_.name()));
    if (const auto path = in_.path("ca_file")) oauth2_.ca_file = *path;
    in_.finish();
    return std::move(oauth2_);
  }

 private:
  /// Tokens travel there: https, but for this machine.
  void take_url(const char* key, std::string& into) {
    const auto text = in_.text(key);
    if (!text) return;
    const auto url = http::parse_url(*text);
    if (!url) return in_.error_at_key(key, fmt::format("'{}': {}", key, url.error().message));
    if (!url->is_secure() && !is_loopback(url->host))
      return in_.error_at_key(key, fmt::format("'{}' must begin with https://: tokens would cross the network in the clear", key));
    into = *text;
  }

  void check_provider() {
    if (in_.has("provider") && in_.has("issuer")) in_.error_at_key("issuer", "'issuer' contradicts 'provider': give one of them");
    const bool by_urls = in_.has("token_url") && (in_.has("authorize_url") || in_.has("device_url"));
    if (!in_.has("provider") && !in_.has("issuer") && !by_urls)
      in_.error_at_table(
          fmt::format("[{}] doesn't say who signs you in: add provider = \"google\" or \"microsoft\", issuer = "
                      "\"https://…\", or token_url with authorize_url or device_url",
                      in_.name()));
  }

  void client() {
    oauth2_.client_id = in_.text("client_id").value_or("");
    if (oauth2_.client_id.empty())
      in_.error_at_table(
          fmt::format("[{}] lacks 'client_id': mailmirror is registered with no provider, so it needs the id of an "
                      "application that you or your organization registered there (daemon/README.md, \"Signing in\")",
                      in_.name()));
    oauth2_.client_secret = in_.text("client_secret").value_or("");
    if (in_.has("client_secret")) check_privacy(in_, "client_secret", "a client secret", file_);
  }

  void tenant() {
    const auto tenant = in_.text("tenant");
    if (!tenant) return;
    if (oauth2_.provider != OAuth2::Provider::microsoft)
      return in_.error_at_key("tenant", "'tenant' is of use with provider = \"microsoft\" alone");
    const bool good = !tenant->empty() && std::all_of(tenant->begin(), tenant->end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
    if (!good)
      return in_.error_at_key("tenant",
                              "'tenant' is your organization's id or domain, \"common\", \"organizations\" or \"consumers\"");
    oauth2_.tenant = *tenant;
  }

  TableReader in_;
  std::filesystem::path file_;
  OAuth2 oauth2_;
};

}  // namespace

OAuth2 read_oauth2(const toml::table& table, const std::string& account, const std::filesystem::path& file,
                   const Environment& environment, ConfigErrors& errors) {
  return OAuth2Reader(table, account, file, environment, errors).run();
}

}  // namespace mailmirror::daemon::config
