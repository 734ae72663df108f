#include "tests/support/oauth2_provider.hpp"

#include "tests/support/certificates.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace mailmirror::testing {
namespace {

using Form = std::map<std::string, std::string>;

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Form form_of(const std::string& text) {
  Form form;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('&', begin), text.size());
    const auto piece = text.substr(begin, end - begin);
    const auto equals = std::min(piece.find('='), piece.size());
    form[decoded(piece.substr(0, equals))] = decoded(piece.substr(std::min(equals + 1, piece.size())));
    begin = end + 1;
  }
  return form;
}

/// The test's own: not by the code under test.
std::string s256(const std::string& verifier) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(verifier.data(), verifier.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::array<unsigned char, 64> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
  std::string out(reinterpret_cast<const char*>(text.data()));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  while (out.ends_with('=')) out.pop_back();
  return out;
}

WebResponse json(unsigned status, std::string body) {
  return {status, std::move(body), {{"Content-Type", "application/json"}}};
}

WebResponse error(const std::string& code) {
  return json(400, fmt::format(R"({{"error": "{}", "error_description": "the stub says {}"}})", code, code));
}

}  // namespace

OAuth2Provider::Folder::Folder() {
  make_certificates(path(), {});
}

OAuth2Provider::OAuth2Provider(ProviderOptions options)
    : options_(std::move(options)),
      plain_([this](const WebRequest& request) { return answer(request); }),
      secure_([this](const WebRequest& request) { return answer(request); }, certificates_.path()) {}

std::string OAuth2Provider::fresh(const std::string& kind) {
  secrets_.push_back(fmt::format("{}-{}-canary", kind, ++count_));
  return secrets_.back();
}

WebResponse OAuth2Provider::answer(const WebRequest& request) {
  const auto path = request.target.substr(0, request.target.find('?'));
  if (path == "/.well-known/openid-configuration") return describe();
  const std::unique_lock lock(mutex_);
  if (path == "/introspect") return introspect(request);
  if (path == "/device" && request.method == "POST") return device();
  if (path != "/token" || request.method != "POST") return {404, "nothing here", {}};
  return token(request);
}

WebResponse OAuth2Provider::describe() const {
  return json(200, fmt::format(R"({{"issuer": "{0}", "authorization_endpoint": "{0}/authorize", "token_endpoint": "{0}/token",)"
                               R"( "device_authorization_endpoint": "{0}/device"}})",
                               issuer()));
}

std::string OAuth2Provider::browse(const std::string& authorize_url, User user) {
  const std::unique_lock lock(mutex_);
  const auto form = form_of(authorize_url.substr(authorize_url.find('?') + 1));
  const auto redirect = form.at("redirect_uri");
  if (form.at("client_id") != "client-1" || form.at("response_type") != "code" || form.at("code_challenge_method") != "S256")
    throw HarnessError("the authorize address isn't as it should be: " + authorize_url);
  if (user == User::declines) return fmt::format("{}/?error=access_denied&state={}", redirect, form.at("state"));
  const auto code = fresh("code");
  codes_[code] = {form.at("code_challenge"), redirect};
  return fmt::format("{}/?code={}&state={}", redirect, code, form.at("state"));
}

WebResponse OAuth2Provider::device() {
  const auto code = fresh("device");
  device_codes_.insert(code);
  return json(200,
              fmt::format(R"({{"device_code": "{}", "user_code": "WDJB-MJHT", "verification_uri": "https://stub.example/device",)"
                          R"( "expires_in": 900, "interval": {}}})",
                          code, options_.interval));
}

WebResponse OAuth2Provider::token(const WebRequest& request) {
  const auto form = form_of(request.body);
  const auto grant = form.contains("grant_type") ? form.at("grant_type") : "";
  const auto place = requests_.size();
  requests_.push_back(grant.substr(grant.rfind(':') == std::string::npos ? 0 : grant.rfind(':') + 1));
  auto response = form.contains("client_id") && form.at("client_id") == "client-1" ? redeem(form) : error("invalid_client");
  if (response.status != 200) requests_[place] += '!';
  return response;
}

WebResponse OAuth2Provider::redeem(const Form& form) {
  const auto field = [&](const char* name) { return form.contains(name) ? form.at(name) : std::string(); };
  if (field("grant_type") == "refresh_token") {
    if (!refresh_.contains(field("refresh_token"))) return error("invalid_grant");
    if (options_.rotates) refresh_.erase(field("refresh_token"));
    return give_tokens();
  }
  if (field("grant_type") == "authorization_code") {
    const auto found = codes_.find(field("code"));
    const bool good = found != codes_.end() && found->second.redirect == field("redirect_uri") &&
                      found->second.challenge == s256(field("code_verifier"));
    if (!good) return error("invalid_grant");
    codes_.erase(found);
    return give_tokens();
  }
  if (!device_codes_.contains(field("device_code"))) return error("invalid_grant");
  if (polls_ < options_.device_answers.size()) return error(options_.device_answers[polls_++]);
  return options_.confirms_device ? give_tokens() : error("authorization_pending");
}

WebResponse OAuth2Provider::give_tokens() {
  const auto access = fresh("access");
  access_.insert(access);
  std::string refresh;
  if (options_.rotates || refresh_.empty()) {
    refresh = fresh("refresh");
    refresh_.insert(refresh);
  }
  return json(200, fmt::format(R"({{"token_type": "Bearer", "access_token": "{}", "expires_in": {}{}}})", access,
                               options_.expires_in, refresh.empty() ? "" : fmt::format(R"(, "refresh_token": "{}")", refresh)));
}

/// The token stands in the body (token=…).
WebResponse OAuth2Provider::introspect(const WebRequest& request) {
  const auto form = form_of(request.body);
  const auto token = form.find("token");
  const bool active = lets_in_ && token != form.end() && access_.contains(token->second);
  return json(200, active ? R"({"active": true, "username": "u1"})" : R"({"active": false})");
}

void OAuth2Provider::revoke_everything() {
  const std::unique_lock lock(mutex_);
  access_.clear();
  refresh_.clear();
}

void OAuth2Provider::end_access_tokens() {
  const std::unique_lock lock(mutex_);
  access_.clear();
}

void OAuth2Provider::let_nobody_in() {
  const std::unique_lock lock(mutex_);
  lets_in_ = false;
}

std::vector<std::string> OAuth2Provider::requests() {
  const std::unique_lock lock(mutex_);
  return requests_;
}

std::vector<std::string> OAuth2Provider::secrets() {
  const std::unique_lock lock(mutex_);
  return secrets_;
}

}  // namespace mailmirror::testing
