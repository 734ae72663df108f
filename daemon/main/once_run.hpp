// `mailmirrord --once` for all accounts, with its report and exit status.
#pragma once

#include "daemon/config/config.hpp"
#include "imap/client/options.hpp"
#include "sync/account/account.hpp"
#include "sync/base/log.hpp"
#include "sync/base/task.hpp"

namespace mailmirror::daemon {

/// Accounts run side by side. The result is the exit status: 0 all equal, 1 something failed or is held (told on stderr), 75 another
/// instance holds an account.
Task<int> run_once(config::Config config, imap::client::Environment environment, sync::Surroundings surroundings, LogPtr log);

}  // namespace mailmirror::daemon
