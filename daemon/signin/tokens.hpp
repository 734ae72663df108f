// What a provider gives a user's program (RFC 6749 §5.1).
#pragma once

#include "sync/base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace mailmirror::daemon::signin {

/// A value. Secrets: neither member ever goes into a log or a message.
struct Tokens {
  std::string access;
  std::string refresh;  ///< "": the sign-in ends with the access token
  SystemTime obtained;
  std::optional<SystemTime> expires;  ///< nullopt: the provider doesn't say

  /// Good for a while yet: not within the last tenth of its life, five minutes at most. A clock that went back counts as the end.
  [[nodiscard]] bool fresh(SystemTime now) const {
    if (access.empty()) return false;
    if (!expires) return true;
    const auto margin =
        std::clamp<SystemTime::duration>((*expires - obtained) / 10, std::chrono::seconds(0), std::chrono::minutes(5));
    return now >= obtained - std::chrono::minutes(5) && now < *expires - margin;
  }

  friend bool operator==(const Tokens&, const Tokens&) = default;
};

}  // namespace mailmirror::daemon::signin
