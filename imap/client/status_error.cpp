#include "imap/client/status_error.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace mailmirror::imap::client {
namespace {

// RFC 5530 and those in use beside it.
constexpr std::array<std::pair<std::string_view, ErrorKind>, 12> kKindOfCode{{
    {"AUTHENTICATIONFAILED", ErrorKind::authentication},
    {"AUTHORIZATIONFAILED", ErrorKind::authentication},
    {"EXPIRED", ErrorKind::authentication},
    {"PRIVACYREQUIRED", ErrorKind::authentication},
    {"WEBALERT", ErrorKind::authentication},
    {"UNAVAILABLE", ErrorKind::throttled},
    {"THROTTLED", ErrorKind::throttled},
    {"INUSE", ErrorKind::throttled},
    {"ALREADYEXISTS", ErrorKind::exists},
    {"NONEXISTENT", ErrorKind::missing},
    {"TRYCREATE", ErrorKind::missing},
    {"TOOBIG", ErrorKind::refused},
}};

// Servers that have something to say and no code for it.
constexpr std::array<std::pair<std::string_view, ErrorKind>, 8> kKindOfWords{{
    {"suggested backoff time", ErrorKind::throttled},
    {"request is throttled", ErrorKind::throttled},
    {"too many simultaneous connections", ErrorKind::throttled},
    {"maximum number of connections", ErrorKind::throttled},
    {"exceeded command or bandwidth limits", ErrorKind::throttled},
    {"exceeded bandwidth limits", ErrorKind::throttled},
    {"user is authenticated but not connected", ErrorKind::network},
    // Microsoft's BAD for a message that it doesn't want (too large, lines too long): not a word that it doesn't know.
    {"command argument error 11", ErrorKind::refused},
}};

/// Gmail lets nobody back for hours once a day's bytes are spent; asking meanwhile makes it longer.
constexpr std::chrono::milliseconds kBandwidthPause = std::chrono::hours(1);
constexpr std::chrono::milliseconds kLongestPause = std::chrono::hours(24);

std::optional<ErrorKind> kind_of(const std::optional<wire::ResponseCode>& code, std::string_view text) {
  auto words = ascii::to_lower(text);
  std::erase(words, '.');
  for (const auto& [part, kind] : kKindOfWords)
    if (words.find(part) != std::string::npos) return kind;
  if (!code) return std::nullopt;
  for (const auto& [name, kind] : kKindOfCode)
    if (code->name == name) return kind;
  return std::nullopt;
}

/// "Suggested Backoff Time: 299000 milliseconds" (Microsoft).
std::optional<std::chrono::milliseconds> pause_in(std::string_view text) {
  const auto words = ascii::to_lower(text);
  if (words.find("bandwidth limits") != std::string::npos) return kBandwidthPause;
  constexpr std::string_view kLead = "suggested backoff time:";
  const auto found = words.find(kLead);
  if (found == std::string::npos) return std::nullopt;
  const auto digits = words.find_first_of("0123456789", found + kLead.size());
  if (digits == std::string::npos) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(words.data() + digits, words.data() + words.size(), number);
  if (error != std::errc{}) return kLongestPause;
  return std::min(std::chrono::milliseconds(number), kLongestPause);
}

Error with_pause(Error error, std::string_view text) {
  if (error.kind == ErrorKind::throttled) error.retry_after = pause_in(text);
  return error;
}

std::string words_of(const std::optional<wire::ResponseCode>& code, const std::string& text) {
  if (!code || code->name == "ALERT") return text;
  return fmt::format("[{}] {}", code->name, text);
}

ErrorKind kind_without_code(wire::Condition condition, Phase phase) {
  if (condition == wire::Condition::bad) return ErrorKind::rejected;
  return phase == Phase::login ? ErrorKind::authentication : ErrorKind::refused;
}

}  // namespace

Error error_of(const wire::TaggedStatus& status, std::string_view command, Phase phase) {
  const auto kind = kind_of(status.code, status.text).value_or(kind_without_code(status.condition, phase));
  const auto* const verb = status.condition == wire::Condition::bad ? "doesn't understand" : "refuses";
  return with_pause(Error(kind, fmt::format("the server {} {}: {}", verb, command, words_of(status.code, status.text))), status.text);
}

Error error_of_bye(const wire::UntaggedStatus& bye) {
  const auto kind = kind_of(bye.code, bye.text).value_or(ErrorKind::network);
  return with_pause(Error(kind, fmt::format("the server ended the connection: {}", words_of(bye.code, bye.text))), bye.text);
}

}  // namespace mailmirror::imap::client
