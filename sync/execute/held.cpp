#include "sync/execute/held.hpp"

#include <set>
#include <string>

namespace mailmirror::sync {
namespace {

store::HeldDeletions held_since_now(const store::MailboxState& state, const AccountParts& account, store::HeldReason reason,
                                    std::uint64_t messages) {
  store::HeldDeletions held;
  held.uid_validity = state.uid_validity;
  held.since = std::chrono::floor<std::chrono::seconds>(account.clock.system_now());
  held.reason = reason;
  held.messages = messages;
  return held;
}

/// Of messages whose files were gone, and that the plan didn't ask about: one may be on its way to another folder.
Result<UidSet> still_gone(const MailboxWork& work, const UidSet& uids, bool looked_here) {
  if (uids.empty()) return uids;
  std::set<std::string> present;
  if (looked_here) {
    const auto scan = work.folder.scan();
    MAILMIRROR_TRY(scan);
    for (const auto& file : scan->files) present.insert(file.unique);
  }
  UidSet gone;
  for (const auto& record : work.account.db.read().records(work.state.id, uids))
    if (record.state == store::RecordState::present && !present.contains(record.unique)) gone.insert(record.uid);
  return gone;
}

}  // namespace

Result<store::HeldDeletions> held_after(const MailboxWork& work, const store::HeldDeletions& before, const HeldRound& round) {
  const auto decided = round.decisions.approved | round.decisions.rejected;
  const auto unasked = still_gone(work, before.on_server - round.plan.held_remote - decided, round.looked_here);
  MAILMIRROR_TRY(unasked);
  const auto on_server = round.plan.held_remote | *unasked;
  const auto here = round.looked_there ? round.plan.held_local : round.plan.held_local | (before.here - decided);
  const bool all = on_server.size() + here.size() >= round.messages;
  auto held = held_since_now(work.state, work.account, all ? store::HeldReason::all : store::HeldReason::many, round.messages);
  held.on_server = on_server;
  held.here = here;
  return held;
}

store::HeldDeletions held_with_mailbox(const store::MailboxState& state, const AccountParts& account, std::uint64_t messages) {
  return held_since_now(state, account, store::HeldReason::mailbox_deleted, messages);
}

Result<void> remember_held(const AccountParts& account, store::MailboxId mailbox, const store::HeldDeletions& held) {
  auto commit = [&](store::WriteTxn& txn) { txn.put(mailbox, held); };
  return account.db.write(commit);
}

}  // namespace mailmirror::sync
