#include "imap/client/status_error.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
constexpr std::array<std::pair<std::string_view, ErrorKind>, 5> kKindOfWords{{
    {"suggested backoff time", ErrorKind::throttled},
    {"request is throttled", ErrorKind::throttled},
    {"too many simultaneous connections", ErrorKind::throttled},
    {"maximum number of connections", ErrorKind::throttled},
    {"user is authenticated but not connected", ErrorKind::network},
}};

std::optional<ErrorKind> kind_of(const std::optional<wire::ResponseCode>& code, std::string_view text) {
  const auto words = ascii::to_lower(text);
  for (const auto& [part, kind] : kKindOfWords)
    if (words.find(part) != std::string::npos) return kind;
  if (!code) return std::nullopt;
  for (const auto& [name, kind] : kKindOfCode)
    if (code->name == name) return kind;
  return std::nullopt;
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
  return Error(kind, fmt::format("the server {} {}: {}", verb, command, words_of(status.code, status.text)));
}

Error error_of_bye(const wire::UntaggedStatus& bye) {
  const auto kind = kind_of(bye.code, bye.text).value_or(ErrorKind::network);
  return Error(kind, fmt::format("the server ended the connection: {}", words_of(bye.code, bye.text)));
}

}  // namespace mailmirror::imap::client
