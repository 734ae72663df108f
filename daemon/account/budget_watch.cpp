#include "daemon/account/budget_watch.hpp"

#include <utility>

namespace mailmirror::daemon {
namespace {

/// So much more may pass at most before it is noticed.
constexpr Duration kLookEvery = std::chrono::milliseconds(250);

}  // namespace

Task<void> keep_to_budget(DailyLimits limits, SessionPool& sessions, store::StateDb& db, BlockingPool& pool, Clock& clock, Log& log) {
  if (!limits.any()) co_return;
  auto load = [&] { return db.read().daily_traffic(); };
  auto stored = co_await pool.run(load);
  DailyBudget budget(limits, stored);
  while (true) {
    budget.note(clock.system_now(), sessions.bytes_in(), sessions.bytes_out());
    if (budget.traffic() != stored) {
      stored = budget.traffic();
      auto store = [&] {
        auto commit = [&](store::WriteTxn& txn) { txn.put(stored); };
        return db.write(commit);
      };
      const auto written = co_await pool.run(store);
      if (!written) log.warn("the day's traffic couldn't be written down: {}", written.error().message);
    }
    if (auto error = budget.spent(clock.system_now()))
      sessions.shut(std::move(*error));
    else
      sessions.open_again();
    co_await clock.sleep(kLookEvery);
  }
}

}  // namespace mailmirror::daemon
