// Web addresses, understood strictly: only http and https, no user names in them, no raw spaces or controls.
#pragma once

#include "sync/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mailmirror::http {

inline constexpr std::size_t kLongestUrl = 16 * 1024;

struct Url {
  std::string scheme;      ///< "http" or "https"
  std::string host;        ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;  ///< the scheme's own where none is named
  std::string target;      ///< path and query, begins with "/"; the fragment isn't kept

  [[nodiscard]] bool is_secure() const { return scheme == "https"; }
  /// As it stands in a Host header: the port only where it isn't the scheme's own.
  [[nodiscard]] std::string authority() const;
  /// "https://host:port": what may share secrets.
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] std::string text() const { return origin() + target; }

  friend bool operator==(const Url&, const Url&) = default;
};

/// Errors (protocol): why it is no address that is fetched here.
Result<Url> parse_url(std::string_view text);

/// What `reference` (a Location header) means in a page at `base`. Dot segments are left to the server.
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace mailmirror::http
