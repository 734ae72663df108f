// `mailmirrord --once`: one complete pass over an account, without listening.
#pragma once

#include "daemon/account/supervisor.hpp"
#include "sync/account/pass_report.hpp"

namespace mailmirror::daemon {

/// Opens the account, passes over everything, looks again at what was still being written, logs out. Failures stand in the report.
Task<sync::PassReport> pass_once(SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings,
                                 sync::PassObserver& observer, LogPtr log);

}  // namespace mailmirror::daemon
