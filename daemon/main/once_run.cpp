#include "daemon/main/once_run.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/account/once.hpp"
#include "daemon/account/token_login.hpp"
#include "daemon/main/pass_words.hpp"
#include "daemon/main/progress_line.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace mailmirror::daemon {
namespace {

constexpr int kFailed = 1;
constexpr int kLocked = 75;

}  // namespace

Task<int> run_once(config::Config config, imap::client::Environment environment, sync::Surroundings surroundings, LogPtr log) {
  int status = 0;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  ProgressLine progress(surroundings.clock);
  auto pass = [&](const config::Account& account) -> Task<void> {
    auto own = environment;
    own.log = sub_log(*log, account.name);
    AccountProgress observer(progress, account.name);
    auto settings = supervisor_settings(account, config.state_dir, surroundings.pool);
    use_tokens(settings, account, config.state_dir, own, executor);
    const auto report = co_await pass_once(std::move(settings), own, surroundings, observer, own.log);
    progress.clear();
    for (const auto& line : problems_of(account.name, report)) fmt::print(stderr, "{}\n", line);
    // What failed as a whole was told just now.
    if (!report.error) own.log->info("{}", summary_of(report));
    const bool locked = report.error && report.error->kind == ErrorKind::locked;
    if (locked && status == 0) status = kLocked;
    if (!locked && !report.clean()) status = kFailed;
  };
  auto all = [&](TaskGroup& group) -> Task<void> {
    for (const auto& account : config.accounts) group.spawn(pass(account));
    co_return;
  };
  co_await run_in_group(all);
  co_return status;
}

}  // namespace mailmirror::daemon
