// What concerns an account's server: name, line, TLS, login, what it can do.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/doctor/finding.hpp"
#include "imap/client/capabilities.hpp"
#include "imap/client/options.hpp"
#include "sync/base/task.hpp"

#include <filesystem>

namespace mailmirror::daemon::doctor {

/// Logs in as the daemon does, and out again; tokens come from `state_dir`/ACCOUNT. Ends at the first thing that doesn't work; what
/// comes behind it can't be known.
Task<Findings> check_server(config::Account account, std::filesystem::path state_dir, imap::client::Environment environment);

/// What went wrong while a session was opened, told as a finding of its kind.
Finding judge_failure(const config::Account& account, const Error& error);

/// What is missing, and what that costs.
Finding judge_capabilities(const std::string& account, const imap::client::Capabilities& capabilities);

}  // namespace mailmirror::daemon::doctor
