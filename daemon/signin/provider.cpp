#include "daemon/signin/provider.hpp"

#include "daemon/config/loopback.hpp"
#include "daemon/http/url.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace mailmirror::daemon::signin {
namespace {

using Json = nlohmann::json;

Provider google() {
  Provider provider;
  provider.name = "Google";
  provider.authorize_url = "https://accounts.google.com/o/oauth2/v2/auth";
  provider.token_url = "https://oauth2.googleapis.com/token";
  // No device_url: Google's doesn't give the right to mail.
  provider.scopes = {"https://mail.google.com/"};
  // Without both there is no refresh token the second time.
  provider.authorize_extra = {{"access_type", "offline"}, {"prompt", "consent"}};
  return provider;
}

Provider microsoft(const std::string& tenant) {
  Provider provider;
  const auto base = fmt::format("https://login.microsoftonline.com/{}/oauth2/v2.0/", tenant);
  provider.name = fmt::format("Microsoft ({})", tenant);
  provider.authorize_url = base + "authorize";
  provider.token_url = base + "token";
  provider.device_url = base + "devicecode";
  provider.scopes = {"https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"};
  // The one loopback address that may be registered there with any port.
  provider.loopback_host = "localhost";
  return provider;
}

void take(std::string& into, const std::string& configured) {
  if (!configured.empty()) into = configured;
}

std::string without_slash(std::string text) {
  if (text.ends_with('/')) text.pop_back();
  return text;
}

std::string text_in(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string Provider::scope() const {
  return fmt::format("{}", fmt::join(scopes, " "));
}

Provider known_provider(const config::OAuth2& oauth2) {
  Provider provider;
  switch (oauth2.provider) {
    case config::OAuth2::Provider::google: provider = google(); break;
    case config::OAuth2::Provider::microsoft: provider = microsoft(oauth2.tenant); break;
    case config::OAuth2::Provider::other: provider.name = oauth2.issuer.empty() ? oauth2.token_url : oauth2.issuer; break;
  }
  take(provider.authorize_url, oauth2.authorize_url);
  take(provider.token_url, oauth2.token_url);
  take(provider.device_url, oauth2.device_url);
  if (!oauth2.scopes.empty()) provider.scopes = oauth2.scopes;
  return provider;
}

std::vector<std::string> description_urls(const std::string& issuer) {
  const auto url = http::parse_url(issuer);
  if (!url) return {};
  const auto path = without_slash(url->target.substr(0, url->target.find('?')));
  // OpenID Connect puts it behind the issuer's path, RFC 8414 §3.1 before it.
  return {url->origin() + path + "/.well-known/openid-configuration",
          url->origin() + "/.well-known/oauth-authorization-server" + path};
}

Result<void> take_description(Provider& provider, const std::string& issuer, std::string_view json) {
  const auto document = Json::parse(json, nullptr, false);
  if (!document.is_object())
    return fail(ErrorKind::protocol, fmt::format("{} doesn't describe itself as an OAuth2 provider", issuer));
  // Else one who may answer for another's name could have the codes sent to himself (RFC 8414 §3.3).
  if (const auto named = text_in(document, "issuer"); without_slash(named) != without_slash(issuer))
    return fail(ErrorKind::protocol,
                fmt::format("{} describes another issuer: is 'issuer' exactly what the provider says?", issuer));
  const std::vector<std::pair<const char*, std::string*>> wanted{{"authorization_endpoint", &provider.authorize_url},
                                                                 {"token_endpoint", &provider.token_url},
                                                                 {"device_authorization_endpoint", &provider.device_url}};
  for (const auto& [key, into] : wanted) {
    const auto address = text_in(document, key);
    if (!into->empty() || address.empty()) continue;
    const auto url = http::parse_url(address);
    if (!url || (!url->is_secure() && !config::is_loopback(url->host)))
      return fail(ErrorKind::protocol, fmt::format("{} names a {} that isn't an https address", issuer, key));
    *into = address;
  }
  if (provider.token_url.empty()) return fail(ErrorKind::protocol, fmt::format("{} names no token_endpoint", issuer));
  return ok();
}

}  // namespace mailmirror::daemon::signin
