#include "daemon/account/history.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace mailmirror::daemon {
namespace {

std::string to_word(sync::UndoOutcome outcome) {
  switch (outcome) {
    case sync::UndoOutcome::restored: return "restored";
    case sync::UndoOutcome::restored_before: return "restored-before";
    case sync::UndoOutcome::deleted_here: return "deleted-here";
    case sync::UndoOutcome::not_in_attic: return "not-in-attic";
    case sync::UndoOutcome::refused: return "refused";
    case sync::UndoOutcome::failed: break;
  }
  return "failed";
}

control::PassEntry to_entry(const std::string& account, const sync::PassSummary& pass) {
  control::PassEntry entry;
  entry.account = account;
  entry.pass = pass.number;
  entry.time = pass.time;
  entry.added = pass.added;
  entry.removed = pass.removed;
  entry.resting = pass.resting;
  entry.restored = pass.restored;
  entry.moved = pass.moved;
  entry.flags_changed = pass.flags_changed;
  entry.mailboxes_changed = pass.mailboxes_changed;
  entry.mailboxes.assign(pass.mailboxes.begin(), pass.mailboxes.end());
  return entry;
}

void count(control::UndoOutcome& outcome, const sync::UndoneMessage& message) {
  if (message.outcome == sync::UndoOutcome::restored)
    ++outcome.restored;
  else if (message.outcome == sync::UndoOutcome::restored_before)
    ++outcome.restored_before;
  else
    ++outcome.lost;
  if (outcome.messages.size() == control::kMostListed) return;
  const auto& removal = message.removal;
  outcome.messages.push_back(
      {removal.pass, removal.name, removal.uid.value(), to_word(message.outcome), message.path, message.detail});
}

Error nothing_to_undo(const std::string& account, const sync::UndoRequest& request) {
  const auto where = request.mailbox.empty() ? account : account + "/" + request.mailbox;
  const auto which = request.pass ? fmt::format("pass {} removed no message", *request.pass)
                     : request.since ? std::string("no message was removed since then")
                                     : std::string("no message was removed");
  return {ErrorKind::missing, fmt::format("{} in {}, as far back as the history goes: 'mailmirror undo {} --list' shows the passes that did", which,
                                          where, account)};
}

}  // namespace

Task<Result<std::vector<control::PassEntry>>> log_of(std::shared_ptr<sync::Account> account, sync::PassQuery query) {
  auto look = [&]() -> Result<std::vector<sync::PassSummary>> {
    try {
      return sync::passes_of(account->db().read(), query);
    } catch (const ErrorException& failure) {
      return failure.error();
    }
  };
  const auto passes = co_await account->surroundings().pool.run(look);
  MAILMIRROR_CO_TRY(passes);
  std::vector<control::PassEntry> entries;
  for (const auto& pass : *passes) entries.push_back(to_entry(account->settings().name, pass));
  co_return entries;
}

Task<Result<control::UndoOutcome>> undo_in(std::shared_ptr<sync::Account> account, sync::UndoRequest request) {
  auto undoing = sync::undo(*account, request);
  const auto report = co_await std::move(undoing);
  MAILMIRROR_CO_TRY(report);
  control::UndoOutcome outcome;
  outcome.account = account->settings().name;
  outcome.dry_run = request.run == sync::UndoRequest::Run::dry;
  for (const auto& message : report->messages) count(outcome, message);
  if (report->messages.empty()) co_return nothing_to_undo(outcome.account, request);
  if (outcome.restored > 0 && !outcome.dry_run)
    account->log().info("undo: {} message(s) came back from the attic, {} couldn't", outcome.restored, outcome.lost);
  co_return outcome;
}

}  // namespace mailmirror::daemon
