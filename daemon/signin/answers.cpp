#include "daemon/signin/answers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace mailmirror::daemon::signin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestDescription = 300;
/// No provider's access token lives longer; a number that overflows the clock isn't believed.
constexpr std::int64_t kLongestLife = 400LL * 24 * 3600;

std::string text_in(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Some providers send the number as a text.
std::optional<std::int64_t> seconds_in(const Json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end()) return std::nullopt;
  std::int64_t seconds = 0;
  if (found->is_number_unsigned() || found->is_number_integer()) {
    seconds = found->get<std::int64_t>();
  } else if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    if (std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  return seconds > 0 && seconds <= kLongestLife ? std::optional(seconds) : std::nullopt;
}

/// What goes on an IMAP line: RFC 6750's b64token, and a little more.
bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Error out_of_order(const http::Response& response, std::string_view whose) {
  if (response.status == 429) return fail(ErrorKind::throttled, fmt::format("{} asks to come back later", whose));
  if (response.status >= 500)
    return fail(ErrorKind::network, fmt::format("{} is out of order (status {})", whose, response.status));
  return fail(
      ErrorKind::protocol,
      fmt::format("{} answers with status {} and nothing that can be understood; is the address right?", whose, response.status));
}

}  // namespace

std::string readable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= kLongestDescription) return out + " …";
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    // Microsoft's descriptions have several lines: trace ids, that help nobody here.
    if (control && (c == '\n' || c == '\r')) break;
    out += control ? '?' : c;
  }
  return out;
}

Result<Refusal> read_refusal(const http::Response& response, std::string_view whose) {
  const auto document = Json::parse(response.body, nullptr, false);
  const auto code = document.is_object() ? text_in(document, "error") : std::string();
  if (code.empty() || response.status == 429 || response.status >= 500) return out_of_order(response, whose);
  return Refusal{readable(code), readable(text_in(document, "error_description"))};
}

TokenAnswer read_token_answer(const http::Response& response, std::string_view whose, SystemTime now) {
  const auto document = Json::parse(response.body, nullptr, false);
  // Some providers refuse with status 200.
  if (response.status != 200 || !document.is_object() || document.contains("error")) {
    auto refusal = read_refusal(response, whose);
    MAILMIRROR_TRY(refusal);
    return std::move(*refusal);
  }
  Tokens tokens;
  tokens.access = text_in(document, "access_token");
  tokens.refresh = text_in(document, "refresh_token");
  tokens.obtained = now;
  if (const auto life = seconds_in(document, "expires_in")) tokens.expires = now + std::chrono::seconds(*life);
  if (tokens.access.empty() || !is_token(tokens.access) || !is_token(tokens.refresh))
    return fail(ErrorKind::protocol, fmt::format("{} gave no usable access token", whose));
  return tokens;
}

}  // namespace mailmirror::daemon::signin
