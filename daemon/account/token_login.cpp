#include "daemon/account/token_login.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/signin/token_keeper.hpp"

#include <memory>

namespace mailmirror::daemon {

void use_tokens(SupervisorSettings& settings, const config::Account& account, const std::filesystem::path& state_dir,
                const imap::client::Environment& environment, const asio::any_io_executor& executor) {
  if (account.secret.kind != config::SecretSource::Kind::oauth2) return;
  auto keeper =
      std::make_shared<signin::TokenKeeper>(account.oauth2, account.name, state_dir / account.name, environment, executor);
  settings.recipe = [account, keeper]() -> Task<Result<imap::client::SessionOptions>> {
    auto token = co_await keeper->access_token();
    MAILMIRROR_CO_TRY(token);
    auto options = session_options(account);
    options.login.secret = std::move(*token);
    co_return options;
  };
  settings.on_refused = [keeper](const std::string& token, const Error& refusal) { return keeper->refused(token, refusal); };
}

}  // namespace mailmirror::daemon
