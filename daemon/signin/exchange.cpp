#include "daemon/signin/exchange.hpp"

#include <fmt/format.h>

namespace mailmirror::daemon::signin {
namespace {

http::Options options_of(const imap::client::Environment& environment, const config::OAuth2& oauth2) {
  http::Options options;
  if (!oauth2.ca_file.empty()) options.ca_file = oauth2.ca_file.string();
  options.connector = &environment.connector;
  options.clock = &environment.clock;
  return options;
}

}  // namespace

Task<Result<http::Response>> post_form(imap::client::Environment environment, config::OAuth2 oauth2, std::string url,
                                       http::Fields form) {
  http::Request request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  request.body = http::encode_form(form);
  auto options = options_of(environment, oauth2);
  auto response = co_await http::fetch(std::move(request), std::move(options));
  co_return std::move(response);
}

Task<TokenAnswer> ask_for_tokens(imap::client::Environment environment, config::OAuth2 oauth2, Provider provider,
                                 http::Fields form) {
  auto response = co_await post_form(environment, std::move(oauth2), provider.token_url, std::move(form));
  MAILMIRROR_CO_TRY(response);
  co_return read_token_answer(*response, provider.name, environment.clock.system_now());
}

Task<Result<Provider>> find_provider(imap::client::Environment environment, config::OAuth2 oauth2) {
  auto provider = known_provider(oauth2);
  if (oauth2.issuer.empty()) co_return provider;
  Error last = fail(ErrorKind::protocol, fmt::format("{} doesn't describe itself as an OAuth2 provider", oauth2.issuer));
  for (const auto& url : description_urls(oauth2.issuer)) {
    http::Request request;
    request.url = url;
    auto options = options_of(environment, oauth2);
    const auto response = co_await http::fetch(std::move(request), std::move(options));
    MAILMIRROR_CO_TRY(response);
    if (response->status >= 500)
      co_return fail(ErrorKind::network, fmt::format("{} is out of order (status {})", oauth2.issuer, response->status));
    if (response->status != 200) continue;
    const auto taken = take_description(provider, oauth2.issuer, response->body);
    if (taken) co_return provider;
    last = taken.error();
  }
  co_return last;
}

}  // namespace mailmirror::daemon::signin
