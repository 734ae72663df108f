// What the token endpoint answers (RFC 6749 §5), understood.
#pragma once

#include "daemon/http/fetch.hpp"
#include "daemon/signin/tokens.hpp"
#include "sync/base/result.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace mailmirror::daemon::signin {

/// An OAuth2 error: a word for programs, a sentence for people (printable, bounded).
struct Refusal {
  std::string code;
  std::string description;

  /// "access_denied: the user said no".
  [[nodiscard]] std::string text() const { return description.empty() ? code : code + ": " + description; }
};

/// Tokens, or an OAuth2 refusal. An Error where the provider itself is out of order: network (5xx: comes back by itself),
/// throttled (429), protocol (the answer makes no sense). `whose` is the provider's name.
using TokenAnswer = Result<std::variant<Tokens, Refusal>>;
TokenAnswer read_token_answer(const http::Response& response, std::string_view whose, SystemTime now);

/// The refusal in a response that isn't 200, as above; for the other endpoints, too.
Result<Refusal> read_refusal(const http::Response& response, std::string_view whose);

/// What people read: no controls, not without end.
std::string readable(std::string_view text);

}  // namespace mailmirror::daemon::signin
