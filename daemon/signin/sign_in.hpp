// Signing a user in, by one of the ways that OAuth2 has.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/signin/provider.hpp"
#include "daemon/signin/tokens.hpp"
#include "imap/client/options.hpp"

#include <string>
#include <string_view>

namespace mailmirror::daemon::signin {

/// Whoever sits at the terminal.
class Person {
 public:
  virtual ~Person() = default;
  virtual void say(std::string_view text) = 0;
  /// Whether a browser can be opened for them.
  [[nodiscard]] virtual bool has_browser() const = 0;
  /// Best effort.
  virtual void open_browser(const std::string& url) = 0;
  /// One line of theirs, without its end. Error io: there is no more.
  virtual Task<Result<std::string>> read_line() = 0;
};

enum class Way : std::uint8_t {
  automatic,  ///< device where the provider has it; else browser, where there is one; else paste
  device,     ///< a code, typed into a browser on any machine
  browser,    ///< a browser on this machine brings the answer
  paste,      ///< the address that a browser on any machine ends at, pasted here
};

/// Errors: authentication (declined, or the provider refuses), unsupported (the provider doesn't have that way), timeout, network,
/// … `person` outlives it.
Task<Result<Tokens>> sign_in(config::OAuth2 oauth2, std::string user, Way way, imap::client::Environment environment,
                             Person& person);

}  // namespace mailmirror::daemon::signin
