#include "sync/account/directory_deletions.hpp"

#include "imap/client/mailboxes.hpp"
#include "imap/client/select.hpp"
#include "store/files/folder_changes.hpp"
#include "sync/execute/deletions.hpp"
#include "sync/execute/held.hpp"
#include "sync/observe/remote.hpp"
#include "sync/plan/guard.hpp"

#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

class DirectoryDeletion {
 public:
  DirectoryDeletion(Account& account, AccountParts parts, store::MailboxState state, Policy policy, GuardDecisions decisions,
                    imap::client::Session& session, MailboxReport& report)
      : account_(account),
        parts_(std::move(parts)),
        state_(std::move(state)),
        policy_(policy),
        decisions_(std::move(decisions)),
        session_(session),
        report_(report) {}

  Task<Result<MailboxFate>> run(Children children) {
    auto load = [this] { return gather(); };
    const auto settled = co_await parts_.pool.run(load);
    const bool stays = policy_.mode != Mode::two_way || policy_.on_local_delete == OnLocalDelete::keep || !settled;
    if (stays || !(present_ & decisions_.rejected).empty()) co_return co_await come_again();
    const auto undecided = present_ - decisions_.approved;
    if (holds_mailbox_removal(undecided.size(), policy_.guard)) {
      auto held = held_with_mailbox(state_, parts_, present_.size());
      held.on_server = report_.held = undecided;
      auto remember = [&] { return remember_held(parts_, state_.id, held); };
      const auto remembered = co_await parts_.pool.run(remember);
      MAILMIRROR_CO_TRY(remembered);
      co_return MailboxFate::held;
    }
    const auto emptied = co_await delete_messages();
    MAILMIRROR_CO_TRY(emptied);
    const auto left = co_await imap::client::unselect(session_);
    MAILMIRROR_CO_TRY(left);
    const auto status = co_await imap::client::status(session_, state_.name);
    MAILMIRROR_CO_TRY(status);
    if (status->messages != 0U || children == Children::some) co_return co_await come_again();
    co_return co_await delete_mailbox();
  }

 private:
  /// Blocking. False: uploads into it are under way.
  bool gather() {
    const auto read = account_.db().read();
    recorded_ = read.uids(state_.id);
    read.for_each_record(state_.id, [this](const store::Record& record) {
      if (record.state == store::RecordState::present) present_.insert(record.uid);
    });
    return read.intents(state_.id).empty();
  }

  /// What can't be deleted stays, and the mailbox with it.
  Task<Result<void>> delete_messages() {
    imap::client::SelectRequest request;
    request.mailbox = state_.name;
    const auto selected = co_await imap::client::select(session_, std::move(request));
    MAILMIRROR_CO_TRY(selected);
    const bool writable = selected->access == imap::client::Access::read_write;
    if (!writable || selected->exists == 0 || upheaval_of(state_, *selected, recorded_) != Upheaval::none) co_return ok();
    const bool to_trash = policy_.on_local_delete == OnLocalDelete::trash;
    const auto trash = to_trash ? account_.trash() : std::nullopt;
    if (to_trash && !trash) co_return ok();
    AbsenceProof proof = [this](const std::vector<std::string>& uniques) { return still_gone(uniques); };
    auto deletion = delete_remotely(parts_, state_, session_, present_, trash, std::move(proof));
    const auto done = co_await std::move(deletion);
    MAILMIRROR_CO_TRY(done);
    report_.removed_remotely += done->deleted;
    if (to_trash) report_.trashed += done->deleted;
    co_return ok();
  }

  /// Blocking. The directory is looked for once more, and its absence made durable (hard cases 1 and 2).
  Result<std::vector<std::string>> still_gone(const std::vector<std::string>& uniques) {
    const auto gone = store::confirm_folder_absent(account_.surroundings().disk, account_.settings().maildir, state_.directory);
    MAILMIRROR_TRY(gone);
    return *gone ? uniques : std::vector<std::string>{};
  }

  Task<Result<MailboxFate>> delete_mailbox() {
    const auto deleted = co_await imap::client::delete_mailbox(session_, state_.name);
    const bool refused = !deleted && (deleted.error().kind == ErrorKind::refused || deleted.error().kind == ErrorKind::rejected);
    if (refused) {
      parts_.log.warn("{}: its directory was deleted here, but the server refuses to delete it, so that it is mirrored again: {}",
                      state_.name.utf8(), deleted.error().message);
      co_return co_await come_again();
    }
    if (!deleted && deleted.error().kind != ErrorKind::missing) co_return deleted.error();
    const auto forgotten = co_await forget_base();
    MAILMIRROR_CO_TRY(forgotten);
    PassEvent event{PassEvent::Kind::mailbox_removed, state_.name, Origin::local, {}, {}, {}, 0, 0, 0, {}};
    event.path = (account_.settings().maildir / state_.directory).string();
    parts_.observer.on_event(event);
    co_return MailboxFate::gone;
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
  imap::client::Session& session_;
  MailboxReport& report_;
  UidSet recorded_;
  UidSet present_;
};

}  // namespace

Task<Result<MailboxFate>> follow_directory_deletion(Account& account, AccountParts parts, store::MailboxState state, Policy policy,
                                                    GuardDecisions decisions, Children children, imap::client::Session& session,
                                                    MailboxReport& report) {
  DirectoryDeletion deletion(account, std::move(parts), std::move(state), policy, std::move(decisions), session, report);
  auto fate = co_await deletion.run(children);
  co_return fate;
}

}  // namespace mailmirror::sync
