// `held`, `log` and `undo` at the control socket: what the state databases tell.
#include "daemon/account/held.hpp"
#include "daemon/account/history.hpp"
#include "daemon/main/daemon.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace mailmirror::daemon {

Result<std::shared_ptr<sync::Account>> Daemon::opened(const Supervisor& supervisor) {
  if (auto account = supervisor.account()) return account;
  return fail(ErrorKind::conflict, fmt::format("the account {} isn't open: {}", supervisor.name(),
                                               supervisor.view().error.value_or("it is being opened, try again in a moment")));
}

/// Only what a decision would be about now: a pass that is under way may have stored more.
Task<Result<std::vector<control::HeldMailbox>>> Daemon::held(std::optional<std::string> account) {
  const auto supervisors = chosen(account);
  MAILMIRROR_CO_TRY(supervisors);
  std::vector<std::pair<std::shared_ptr<sync::Account>, std::set<MailboxName>>> wanted;
  for (const auto* supervisor : *supervisors) {
    auto one = opened(*supervisor);
    // One that can't be opened holds everything, and `status` says why.
    if (!one && account) co_return one.error();
    if (!one) continue;
    auto& mailboxes = wanted.emplace_back(std::move(*one), std::set<MailboxName>()).second;
    for (const auto& [name, view] : supervisor->view().mailboxes)
      if (view.held > 0) mailboxes.insert(name);
  }
  std::vector<control::HeldMailbox> all;
  for (const auto& [one, mailboxes] : wanted) {
    auto looking = held_in(one, mailboxes);
    auto held = co_await std::move(looking);
    MAILMIRROR_CO_TRY(held);
    std::move(held->begin(), held->end(), std::back_inserter(all));
  }
  co_return all;
}

Task<Result<std::vector<control::PassEntry>>> Daemon::log(server::LogOrder order) {
  const auto supervisors = chosen(order.account);
  MAILMIRROR_CO_TRY(supervisors);
  std::vector<std::shared_ptr<sync::Account>> accounts;
  for (const auto* supervisor : *supervisors) {
    auto account = opened(*supervisor);
    MAILMIRROR_CO_TRY(account);
    accounts.push_back(std::move(*account));
  }
  std::vector<control::PassEntry> all;
  for (const auto& account : accounts) {
    const auto show = order.only_removals ? sync::PassQuery::Show::removals : sync::PassQuery::Show::all;
    auto looking = log_of(account, sync::PassQuery{order.mailbox, show, order.at_most});
    auto passes = co_await std::move(looking);
    MAILMIRROR_CO_TRY(passes);
    std::move(passes->begin(), passes->end(), std::back_inserter(all));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.time > b.time; });
  if (all.size() > order.at_most) all.resize(order.at_most);
  co_return all;
}

/// Which of several accounts is meant is never guessed.
Task<Result<control::UndoOutcome>> Daemon::undo(server::UndoOrder order) {
  const auto supervisors = chosen(order.account);
  MAILMIRROR_CO_TRY(supervisors);
  if (supervisors->size() != 1) {
    std::vector<std::string> names;
    for (const auto* supervisor : *supervisors) names.push_back(supervisor->name());
    co_return fail(ErrorKind::rejected, fmt::format("which account? There is {}", fmt::join(names, ", ")));
  }
  auto account = opened(*supervisors->front());
  MAILMIRROR_CO_TRY(account);
  sync::UndoRequest request;
  request.pass = order.pass;
  if (order.since) request.since = std::chrono::ceil<std::chrono::seconds>(*order.since);
  request.mailbox = order.mailbox;
  request.run = order.dry_run ? sync::UndoRequest::Run::dry : sync::UndoRequest::Run::real;
  auto undoing = undo_in(*account, std::move(request));
  auto outcome = co_await std::move(undoing);
  // The account may have been stopped meanwhile; a paused one uploads after it is resumed.
  const auto member = members_.find((*account)->settings().name);
  if (outcome && outcome->restored > 0 && !order.dry_run && member != members_.end())
    static_cast<void>(member->second->supervisor->start_sync({}));
  co_return outcome;
}

}  // namespace mailmirror::daemon
