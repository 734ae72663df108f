#include "daemon/signin/code_grant.hpp"

#include "daemon/signin/answers.hpp"
#include "imap/auth/base64.hpp"
#include "sync/base/digest.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>
#include <span>

namespace mailmirror::daemon::signin {
namespace {

std::string base64url(std::string_view bytes) {
  auto text = imap::auth::encode_base64(bytes);
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string random_text(Random& random) {
  std::array<std::byte, 32> bytes{};
  random.fill(bytes);
  return base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string pkce_challenge(std::string_view verifier) {
  const auto digest = sha256(std::as_bytes(std::span(verifier.data(), verifier.size())));
  return base64url({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

CodeGrant::CodeGrant(Random& random, std::string redirect_url)
    : redirect_url_(std::move(redirect_url)), state_(random_text(random)), verifier_(random_text(random)) {}

std::string CodeGrant::authorize_url(const config::OAuth2& client, const Provider& provider, const std::string& user) const {
  http::Fields fields{{"response_type", "code"},
                      {"client_id", client.client_id},
                      {"redirect_uri", redirect_url_},
                      {"scope", provider.scope()},
                      {"state", state_},
                      {"code_challenge", pkce_challenge(verifier_)},
                      {"code_challenge_method", "S256"}};
  if (user.find('@') != std::string::npos) fields.emplace_back("login_hint", user);
  fields.insert(fields.end(), provider.authorize_extra.begin(), provider.authorize_extra.end());
  return http::with_query(provider.authorize_url, fields);
}

Result<std::string> CodeGrant::code_in(std::string_view url) const {
  const auto fields = http::query_of(url);
  const auto state = http::field_of(fields, "state");
  if (!state || !equal(*state, state_)) return fail(ErrorKind::protocol, "that doesn't belong to this sign-in (its state differs)");
  if (const auto error = http::field_of(fields, "error")) {
    const Refusal refusal{readable(*error), readable(http::field_of(fields, "error_description").value_or(""))};
    return fail(ErrorKind::authentication, refusal.code == "access_denied"
                                               ? "the sign-in was declined in the browser"
                                               : fmt::format("the sign-in failed ({})", refusal.text()));
  }
  auto code = http::field_of(fields, "code");
  if (!code || code->empty()) return fail(ErrorKind::protocol, "there is no code in that address");
  return std::move(*code);
}

http::Fields CodeGrant::form(const config::OAuth2& client, const std::string& code) const {
  http::Fields form{{"grant_type", "authorization_code"},
                    {"code", code},
                    {"redirect_uri", redirect_url_},
                    {"client_id", client.client_id},
                    {"code_verifier", verifier_}};
  if (!client.client_secret.empty()) form.emplace_back("client_secret", client.client_secret);
  return form;
}

}  // namespace mailmirror::daemon::signin
