// The requests of OAuth2, sent.
#pragma once

#include "daemon/http/fetch.hpp"
#include "daemon/signin/answers.hpp"
#include "daemon/signin/provider.hpp"
#include "imap/client/options.hpp"

namespace mailmirror::daemon::signin {

/// POSTs a form. Errors: as http::fetch.
Task<Result<http::Response>> post_form(imap::client::Environment environment, config::OAuth2 oauth2, std::string url,
                                       http::Fields form);

/// The token endpoint's answer to `form`. Errors: as http::fetch and read_token_answer.
Task<TokenAnswer> ask_for_tokens(imap::client::Environment environment, config::OAuth2 oauth2, Provider provider,
                                 http::Fields form);

/// With the addresses that the issuer's own description tells, where the configuration names an issuer. Errors: as http::fetch;
/// protocol (nothing describes the issuer).
Task<Result<Provider>> find_provider(imap::client::Environment environment, config::OAuth2 oauth2);

}  // namespace mailmirror::daemon::signin
