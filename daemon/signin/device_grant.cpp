#include "daemon/signin/device_grant.hpp"

#include "daemon/http/url.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mailmirror::daemon::signin {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kSlowDown{5};
constexpr std::chrono::seconds kSlowest{60};
constexpr std::chrono::seconds kLongestLife{3600};
constexpr std::size_t kLongestCode = 64;

std::string text_in(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::chrono::seconds seconds_in(const Json& document, const char* key, std::chrono::seconds otherwise, std::chrono::seconds most) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_number_unsigned()) return otherwise;
  return std::min(most, std::chrono::seconds(std::min<std::uint64_t>(found->get<std::uint64_t>(), 1'000'000)));
}

}  // namespace

http::Fields device_form(const config::OAuth2& client, const Provider& provider) {
  http::Fields form{{"client_id", client.client_id}, {"scope", provider.scope()}};
  if (!client.client_secret.empty()) form.emplace_back("client_secret", client.client_secret);
  return form;
}

Result<DeviceGrant> read_device_grant(const http::Response& response, std::string_view whose) {
  const auto document = Json::parse(response.body, nullptr, false);
  if (response.status != 200 || !document.is_object() || document.contains("error")) {
    const auto refusal = read_refusal(response, whose);
    MAILMIRROR_TRY(refusal);
    return fail(ErrorKind::authentication, fmt::format("{} gives no device code ({})", whose, refusal->text()));
  }
  DeviceGrant grant;
  grant.device_code = text_in(document, "device_code");
  grant.user_code = readable(text_in(document, "user_code")).substr(0, kLongestCode);
  // Before the standard was one, Google and Microsoft called it so.
  grant.verification_url = text_in(document, document.contains("verification_uri") ? "verification_uri" : "verification_url");
  grant.complete_url = text_in(document, "verification_uri_complete");
  grant.life = seconds_in(document, "expires_in", grant.life, kLongestLife);
  grant.interval = std::max(std::chrono::seconds(1), seconds_in(document, "interval", grant.interval, kSlowest));
  if (grant.device_code.empty() || grant.user_code.empty() || !http::parse_url(grant.verification_url))
    return fail(ErrorKind::protocol, fmt::format("{} gave no usable device code", whose));
  if (!http::parse_url(grant.complete_url)) grant.complete_url.clear();
  return grant;
}

DeviceWait::DeviceWait(DeviceGrant grant, SteadyTime now)
    : grant_(std::move(grant)), end_(now + grant_.life), next_(now + grant_.interval), interval_(grant_.interval) {}

http::Fields DeviceWait::form(const config::OAuth2& client) const {
  http::Fields form{{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                    {"device_code", grant_.device_code},
                    {"client_id", client.client_id}};
  if (!client.client_secret.empty()) form.emplace_back("client_secret", client.client_secret);
  return form;
}

Result<std::variant<DeviceWait::Again, Tokens>> DeviceWait::hear(const TokenAnswer& answer, SteadyTime now) {
  const auto expired = fail(ErrorKind::timeout, "nobody confirmed the code in time: start again");
  if (answer) {
    if (const auto* const tokens = std::get_if<Tokens>(&*answer)) return *tokens;
    const auto& refusal = std::get<Refusal>(*answer);
    if (refusal.code == "expired_token" || refusal.code == "code_expired") return expired;
    if (refusal.code == "access_denied" || refusal.code == "authorization_declined")
      return fail(ErrorKind::authentication, "the sign-in was declined in the browser");
    if (refusal.code == "slow_down")
      interval_ += kSlowDown;
    else if (refusal.code != "authorization_pending")
      return fail(ErrorKind::authentication, fmt::format("the sign-in failed ({})", refusal.text()));
  } else {
    const auto kind = answer.error().kind;
    if (kind != ErrorKind::network && kind != ErrorKind::timeout && kind != ErrorKind::throttled) return answer.error();
    interval_ = std::min(kSlowest, interval_ * 2);
  }
  next_ = now + interval_;
  if (next_ >= end_) return expired;
  return Again{};
}

}  // namespace mailmirror::daemon::signin
