// Logging in by the tokens of the account's own sign-in (OAuth2).
#pragma once

#include "daemon/account/supervisor.hpp"
#include "daemon/config/config.hpp"

#include <filesystem>

namespace mailmirror::daemon {

/// Where the account signs in by [oauth2], its sessions get their secret from the tokens in `state_dir`/ACCOUNT, renewed before
/// their end; a token that the server refuses is renewed once. Else nothing changes. What `environment` refers to outlives the
/// settings.
void use_tokens(SupervisorSettings& settings, const config::Account& account, const std::filesystem::path& state_dir,
                const imap::client::Environment& environment, const asio::any_io_executor& executor);

}  // namespace mailmirror::daemon
