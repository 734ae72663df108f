// Keeps an account to its daily bytes: counts what its connections move, remembers it over restarts, stops when it is enough.
#pragma once

#include "daemon/account/daily_budget.hpp"
#include "daemon/account/session_pool.hpp"
#include "store/state/state_db.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/log.hpp"

namespace mailmirror::daemon {

/// Until cancelled; returns at once where `limits` has none. Once the bytes are spent the pool is shut with the reason, so that what is
/// under way ends cleanly and goes on the next day. References outlive the coroutine. Network thread.
Task<void> keep_to_budget(DailyLimits limits, SessionPool& sessions, store::StateDb& db, BlockingPool& pool, Clock& clock, Log& log);

}  // namespace mailmirror::daemon
