#include "tests/simulation/supervised_life.hpp"

#include "sync/base/task_scope.hpp"

#include <algorithm>
#include <utility>

namespace mailmirror::simulation {

SupervisedLife::SupervisedLife(daemon::SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings,
                               std::unique_ptr<store::Watcher> watcher, const asio::any_io_executor& executor)
    : hub_(std::move(watcher), environment.log),
      supervisor_(std::move(settings), environment, surroundings, hub_, *this, environment.log, executor) {}

SupervisedLife::~SupervisedLife() = default;

Task<void> SupervisedLife::run() {
  auto body = [this](TaskGroup& group) -> Task<void> {
    group.spawn(hub_.run());
    co_await supervisor_.run();
  };
  co_await run_in_group(body);
}

void SupervisedLife::ask_for_a_pass() {
  // Refused only to an account that is paused, and nobody pauses it.
  static_cast<void>(supervisor_.start_sync({}));
}

bool SupervisedLife::listens() const {
  const auto& view = supervisor_.view();
  const bool in_order = view.state == daemon::AccountState::idle && !view.retry_at;
  return in_order && view.push != daemon::Push::poll;
}

void SupervisedLife::on_sync_finished(const std::string&, const sync::PassReport& report) {
  const auto& last = supervisor_.view().last_sync;
  const bool whole = last != last_whole_;
  last_whole_ = last;
  const auto waits = [](const sync::MailboxReport& mailbox) { return !mailbox.held.empty() || mailbox.orphans > 0; };
  // A user who says yes to everything.
  if (std::any_of(report.mailboxes.begin(), report.mailboxes.end(), waits))
    supervisor_.decide(std::nullopt, daemon::Supervisor::Decision::approve);
  on_pass(report, whole ? Reach::whole : Reach::part);
}

}  // namespace mailmirror::simulation
