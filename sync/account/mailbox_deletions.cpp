#include "sync/account/mailbox_deletions.hpp"

#include "store/files/folder_changes.hpp"
#include "store/files/keywords.hpp"
#include "sync/execute/deletions.hpp"
#include "sync/execute/held.hpp"
#include "sync/plan/guard.hpp"

#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

class Deletion {
 public:
  Deletion(Account& account, AccountParts parts, store::MailboxState state, Policy policy, GuardDecisions decisions, MailboxReport& report)
      : account_(account),
        parts_(std::move(parts)),
        state_(std::move(state)),
        policy_(policy),
        decisions_(std::move(decisions)),
        report_(report) {}

  Task<Result<MailboxFate>> run() {
    if (policy_.mode == Mode::archive) co_return MailboxFate::kept;
    auto load = [this] { return present_uids(); };
    auto uids = co_await parts_.pool.run(load);
    const bool may_come_again = policy_.mode == Mode::two_way;
    // Where nothing is uploaded it can only stay as it is.
    const bool rejected = !(uids & decisions_.rejected).empty();
    if (rejected && !may_come_again) co_return MailboxFate::kept;
    if (rejected) co_return co_await come_again();
    const auto undecided = uids - decisions_.approved;
    if (holds_mailbox_removal(undecided.size(), policy_.guard)) {
      auto held = held_with_mailbox(state_, parts_, uids.size());
      held.here = report_.held = undecided;
      auto remember = [&] { return remember_held(parts_, state_.id, held); };
      const auto remembered = co_await parts_.pool.run(remember);
      MAILMIRROR_CO_TRY(remembered);
      co_return MailboxFate::held;
    }
    const auto rested = co_await lay_to_rest(std::move(uids));
    MAILMIRROR_CO_TRY(rested);
    auto remove = [this] { return store::remove_empty_folder(account_.surroundings().disk, account_.settings().maildir, state_.directory); };
    const auto removed = co_await parts_.pool.run(remove);
    const bool others_lie_there = !removed && removed.error().kind == ErrorKind::exists;
    if (others_lie_there && may_come_again) co_return co_await come_again();
    if (!removed && !others_lie_there && removed.error().kind != ErrorKind::missing) co_return removed.error();
    const auto forgotten = co_await forget_base();
    MAILMIRROR_CO_TRY(forgotten);
    PassEvent event{PassEvent::Kind::mailbox_removed, state_.name, Origin::remote, {}, {}, {}, 0, 0, 0, {}};
    event.path = (account_.settings().maildir / state_.directory).string();
    parts_.observer.on_event(event);
    co_return MailboxFate::gone;
  }

 private:
  UidSet present_uids() {
    UidSet uids;
    account_.db().read().for_each_record(state_.id, [&](const store::Record& record) {
      if (record.state == store::RecordState::present) uids.insert(record.uid);
    });
    return uids;
  }

  Task<Result<void>> lay_to_rest(UidSet uids) {
    auto open = [this] { return account_.open_folder(state_.directory); };
    auto folder = co_await parts_.pool.run(open);
    if (!folder && folder.error().kind == ErrorKind::missing) co_return ok();
    MAILMIRROR_CO_TRY(folder);
    store::KeywordTable keywords;
    const MailboxWork work{parts_, state_, *folder, keywords, policy_};
    const auto taken = co_await move_to_attic(work, std::move(uids));
    MAILMIRROR_CO_TRY(taken);
    report_.removed_locally += *taken;
    co_return ok();
  }

  Task<Result<MailboxFate>> come_again() {
    const auto forgotten = co_await forget_base();
    MAILMIRROR_CO_TRY(forgotten);
    co_return MailboxFate::comes_again;
  }

  Task<Result<void>> forget_base() {
    auto job = [this] {
      auto commit = [this](store::WriteTxn& txn) { txn.erase_mailbox(state_.id); };
      return account_.db().write(commit);
    };
    auto done = co_await parts_.pool.run(job);
    co_return done;
  }

  Account& account_;
  AccountParts parts_;
  store::MailboxState state_;
  Policy policy_;
  GuardDecisions decisions_;
  MailboxReport& report_;
};

}  // namespace

Task<Result<MailboxFate>> follow_deletion(Account& account, AccountParts parts, store::MailboxState state, Policy policy,
                                          GuardDecisions decisions, MailboxReport& report) {
  Deletion deletion(account, std::move(parts), std::move(state), policy, std::move(decisions), report);
  auto fate = co_await deletion.run();
  co_return fate;
}

}  // namespace mailmirror::sync
