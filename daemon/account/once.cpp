#include "daemon/account/once.hpp"

#include "daemon/account/budget_watch.hpp"
#include "sync/base/task_scope.hpp"

#include <algorithm>
#include <utility>

namespace mailmirror::daemon {
namespace {

/// A file that is being written while we look is given this long to be finished.
constexpr int kLooksAgain = 3;
constexpr Duration kLookAgain = std::chrono::milliseconds(2200);

std::set<MailboxName> unfinished(const sync::PassReport& report) {
  std::set<MailboxName> names;
  for (const auto& mailbox : report.mailboxes)
    if (mailbox.try_again_soon && !mailbox.error) names.insert(mailbox.name);
  return names;
}

/// The later look at a mailbox takes the place of the earlier one, if it was asked for. Another mailbox may have been looked at on the way,
/// and on one side only: that mends nothing of what was told about it before.
void replace(sync::PassReport& report, sync::PassReport again, const std::set<MailboxName>& asked) {
  if (again.error) report.error = again.error;
  for (auto& mailbox : again.mailboxes) {
    const auto before = std::find_if(report.mailboxes.begin(), report.mailboxes.end(), [&](const auto& m) { return m.name == mailbox.name; });
    if (before == report.mailboxes.end()) continue;
    mailbox.downloaded += before->downloaded;
    mailbox.uploaded += before->uploaded;
    mailbox.removed_locally += before->removed_locally;
    mailbox.removed_remotely += before->removed_remotely;
    mailbox.flags_changed += before->flags_changed;
    if (!asked.contains(mailbox.name)) {
      if (before->error) mailbox.error = before->error;
      mailbox.held = mailbox.held | before->held;
      mailbox.orphans = std::max(mailbox.orphans, before->orphans);
      mailbox.notes.insert(mailbox.notes.begin(), before->notes.begin(), before->notes.end());
    }
    *before = std::move(mailbox);
  }
}

}  // namespace

Task<sync::PassReport> pass_once(SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings,
                                 sync::PassObserver& observer, LogPtr log) {
  sync::PassReport report;
  auto open = [&] { return sync::Account::open(settings.account, surroundings, log); };
  auto account = co_await surroundings.pool.run(open);
  if (!account) {
    report.error = account.error();
    co_return report;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto body = [&](TaskGroup& readers) -> Task<void> {
    SessionPool pool(environment, settings.recipe, settings.connections, readers, executor);
    pool.on_refused(settings.on_refused);
    std::exception_ptr ended;
    TaskGroup watches(executor);
    watches.spawn(keep_to_budget(settings.daily, pool, (*account)->db(), surroundings.pool, surroundings.clock, *log));
    try {
      report = co_await sync::run_pass(**account, observer, pool, {});
      for (int look = 0; look < kLooksAgain && !report.error && !unfinished(report).empty(); ++look) {
        co_await surroundings.clock.sleep(kLookAgain);
        sync::PassScope scope;
        scope.everything = false;
        const auto asked = unfinished(report);
        scope.mailboxes = asked;
        auto again = co_await sync::run_pass(**account, observer, pool, std::move(scope));
        replace(report, std::move(again), asked);
      }
    } catch (...) {
      ended = std::current_exception();
    }
    // Also when all went well: who stops us while we say goodbye must not leave sessions behind.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    watches.cancel();
    co_await watches.join();
    co_await pool.close_all();
    co_await pool.wait_until_closed();
    if (ended) std::rethrow_exception(ended);
  };
  co_await run_in_group(body);
  co_return report;
}

}  // namespace mailmirror::daemon
