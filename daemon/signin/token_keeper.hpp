// An account's access token, always one that is good for a while yet.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/signin/provider.hpp"
#include "daemon/signin/token_file.hpp"
#include "imap/client/options.hpp"
#include "sync/base/event.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace mailmirror::daemon::signin {

/// Flow of a renewal: lock → read the file again (another process may have done it) → POST the refresh token → replace the file →
/// hand the access token out. Providers that replace the refresh token at each use thus never leave us with a spent one, whenever
/// this process is killed. One renewal at a time in this process and between processes. Network thread only.
class TokenKeeper {
 public:
  /// `directory`: STATE_DIR/ACCOUNT.
  TokenKeeper(config::OAuth2 oauth2, std::string account, std::filesystem::path directory, imap::client::Environment environment,
              const asio::any_io_executor& executor);

  /// Errors: authentication (nobody has signed in, or the provider ended it: the message names the command that mends it, and the
  /// provider isn't asked again before somebody has), network, timeout, throttled, tls, certificate, protocol, disk_full, …
  /// A renewal that was begun gets another 1.5 s when the caller is cancelled: what the provider answers by then isn't lost.
  Task<Result<std::string>> access_token();

  /// The mail server refused this token. nullopt: the next access_token() is another one, so it is worth one more attempt. Else it
  /// was renewed for such a refusal just now: the error that tells the user what to look at.
  std::optional<Error> refused(const std::string& token, const Error& refusal);

 private:
  Task<Result<std::string>> locked();
  Task<Result<std::optional<KeptTokens>>> read_file();
  [[nodiscard]] Result<std::optional<std::string>> good_token(const std::optional<KeptTokens>& kept) const;
  Task<Result<std::string>> renew(KeptTokens kept);
  Task<Result<void>> save(KeptTokens kept);
  Error explain(const KeptTokens& kept, const std::string& code, const std::string& text);
  [[nodiscard]] Error sign_in_again(const std::string& why) const;

  config::OAuth2 oauth2_;
  std::string account_;
  TokenFile file_;
  imap::client::Environment environment_;
  std::optional<Provider> provider_;
  /// The mail server refused it.
  std::string refused_;
  /// What was had in its place.
  std::string renewed_;
  SteadyTime renewed_at_;
  /// A refresh token that the provider no longer takes, and its words.
  std::string dead_;
  std::string dead_words_;
  /// Came from the provider, and couldn't be written.
  std::optional<KeptTokens> unsaved_;
  bool busy_ = false;
  Event freed_;
};

}  // namespace mailmirror::daemon::signin
