// From the configuration of an account to what synchronization and sessions take.
#pragma once

#include "daemon/account/supervisor.hpp"
#include "daemon/config/config.hpp"
#include "imap/client/options.hpp"
#include "sync/account/account.hpp"

#include <filesystem>

namespace mailmirror::daemon {

sync::AccountSettings sync_settings(const config::Account& account, const std::filesystem::path& state_dir);

/// Without the secret.
imap::client::SessionOptions session_options(const config::Account& account);

/// Fetches the secret when the first session opens, and again after a failed login.
SessionRecipe session_recipe(const config::Account& account, BlockingPool& pool);

SupervisorSettings supervisor_settings(const config::Account& account, const std::filesystem::path& state_dir, BlockingPool& pool);

}  // namespace mailmirror::daemon
