#include "sync/account/mailbox_pass.hpp"

#include "imap/client/fetch.hpp"
#include "imap/client/select.hpp"
#include "store/files/maildir_name.hpp"
#include "sync/execute/adoption.hpp"
#include "sync/execute/deletions.hpp"
#include "sync/execute/download_once.hpp"
#include "sync/execute/file_names.hpp"
#include "sync/execute/flag_actions.hpp"
#include "sync/execute/held.hpp"
#include "sync/execute/orphans.hpp"
#include "sync/execute/purge.hpp"
#include "sync/execute/rematch.hpp"
#include "sync/execute/settlement.hpp"
#include "sync/execute/upload.hpp"
#include "sync/observe/local.hpp"
#include "sync/observe/recent_deletions.hpp"
#include "sync/observe/remote.hpp"
#include "sync/plan/file_matcher.hpp"
#include "sync/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

/// What this device tells the server comes back as a change of the server's in the next round; then there is nothing left.
/// More rounds than this mean that somebody else changes the mailbox all the time: the next pass goes on.
constexpr int kMostRounds = 6;

/// Files that are being written while a mailbox is mirrored for the first time are waited for: so long, so often.
constexpr Duration kWriting = std::chrono::milliseconds(2'200);
constexpr int kMostWaits = 3;

class MailboxPass {
 public:
  MailboxPass(MailboxPassInput input, SessionSource& sessions)
      : in_(std::move(input)), work_(in_.work), state_(in_.work.state), sessions_(sessions) {}

  Task<MailboxReport> run() {
    report_.name = state_.name;
    report_.directory = state_.directory;
    const auto done = co_await rounds();
    if (!done) report_.error = done.error();
    co_return std::move(report_);
  }

 private:
  Task<Result<void>> rounds() {
    const auto loaded = co_await load();
    MAILMIRROR_CO_TRY(loaded);
    const auto heard = co_await hear_about_orphans();
    MAILMIRROR_CO_TRY(heard);
    bool look_there = in_.remote == RemoteHint::look || !intents_.empty() || !pending_.empty() || !marked_.empty();
    bool look_here = !*loaded || !heard->released.empty() || !in_.local.written.empty();
    for (int round = 0; round < kMostRounds && (look_there || look_here); ++round) {
      if (look_there || !lease_) {
        const auto ready = co_await settle_intents();
        MAILMIRROR_CO_TRY(ready);
      }
      if (look_here) {
        const auto seen = co_await observe_here();
        MAILMIRROR_CO_TRY(seen);
        if (!*seen) co_return ok();
      }
      // Something to tell the server: its side is looked at first, so that the plan knows both.
      look_there = look_there || !local_.changes.appeared.empty() || !local_.changes.flagged.empty() || !local_.changes.gone.empty();
      if (look_there) {
        const auto seen = co_await observe_there();
        MAILMIRROR_CO_TRY(seen);
      }
      if (std::exchange(upheaval_, false)) {
        // What was seen here was told by UIDs of before, too.
        local_ = {};
        look_there = look_here = true;
        continue;
      }
      bind_twins();
      auto decide = [this] { return make_plan(); };
      const auto plan = co_await work_.account.pool.run(decide);
      const auto done = co_await carry_out(plan);
      MAILMIRROR_CO_TRY(done);
      if (std::exchange(strangers_, false)) {
        const auto matched = co_await match_again(Upheaval::went_back, state_.uid_validity);
        MAILMIRROR_CO_TRY(matched);
        local_ = {};
        look_there = look_here = true;
        continue;
      }
      const auto kept = co_await keep_checkpoints(plan, look_there, look_here);
      MAILMIRROR_CO_TRY(kept);
      look_there = plan.writes_remotely() || (work_.policy.expunge && brings_deleted(plan));
      look_here = !plan.upload_again.empty();
      local_ = {};
    }
    co_return ok();
  }

  /// Blocking. What goes by the user's word doesn't count against what goes in the hour after it.
  Result<void> note_approval() {
    if (in_.decisions.approved.empty()) return ok();
    auto commit = [this](store::WriteTxn& txn) { txn.put_deletions_approved(state_.id, now()); };
    return work_.account.db.write(commit);
  }

  /// True: the folder is as it was at the checkpoint.
  Task<Result<bool>> load() {
    auto job = [this]() -> Result<bool> {
      const auto noted = note_approval();
      MAILMIRROR_TRY(noted);
      const auto read = work_.account.db.read();
      intents_ = read.intents(state_.id);
      held_ = read.held(state_.id).value_or(store::HeldDeletions{});
      report_.held = held_.on_server | held_.here;
      read.for_each_record(state_.id, [this](const store::Record& record) {
        if (record.state == store::RecordState::pending) pending_.insert(record.uid);
        if (to_be_purged(record)) marked_.insert(record.uid);
      });
      return unchanged_since_checkpoint(work_.folder, state_);
    };
    auto unchanged = co_await work_.account.pool.run(job);
    co_return unchanged;
  }

  Task<Result<OrphanReport>> hear_about_orphans() {
    auto heard = co_await settle_orphans(work_, std::exchange(in_.decisions.orphans, OrphanWord::none));
    MAILMIRROR_CO_TRY(heard);
    report_.removed_locally += heard->to_attic;
    in_.sought.files.insert(heard->released.begin(), heard->released.end());
    orphans_ = heard->waiting;
    report_.orphans = work_.policy.mode == Mode::archive ? 0 : orphans_.size();
    co_return std::move(heard);
  }

  Task<Result<void>> borrow_session() {
    if (lease_) co_return ok();
    auto lease = co_await sessions_.lease();
    MAILMIRROR_CO_TRY(lease);
    lease_.emplace(std::move(*lease));
    co_return ok();
  }

  /// UIDs that mean something else now would settle nothing.
  Task<Result<void>> rematch_if_needed(UidSet recorded) {
    imap::client::SelectRequest request;
    request.mailbox = state_.name;
    const auto selected = co_await imap::client::select(lease_->session(), std::move(request));
    MAILMIRROR_CO_TRY(selected);
    const auto upheaval = upheaval_of(state_, *selected, recorded);
    if (upheaval == Upheaval::none) co_return ok();
    co_return co_await match_again(upheaval, selected->uid_validity);
  }

  Task<Result<void>> match_again(Upheaval upheaval, UidValidity now) {
    const auto matched = co_await rematch(work_, lease_->session(), now);
    MAILMIRROR_CO_TRY(matched);
    work_.account.log.warn("{}: {}: {} of its messages were found again, {} files here belong to none and wait for your word",
                           state_.name.utf8(),
                           upheaval == Upheaval::renumbered ? "the server has numbered the mailbox anew (UIDVALIDITY)"
                                                            : "the server's mailbox is older than the last pass (restored from a backup?)",
                           matched->matched, matched->unmatched);
    pending_ = {};
    // Told by UIDs of before: what is gone is asked about by the next pass.
    in_.sought.missing = {};
    report_.try_again_soon = true;
    in_.decisions.approved = in_.decisions.rejected = {};
    held_ = {};
    const auto heard = co_await hear_about_orphans();
    MAILMIRROR_CO_TRY(heard);
    co_return ok();
  }

  Task<Result<void>> settle_intents() {
    if (intents_.empty()) co_return ok();
    const auto borrowed = co_await borrow_session();
    MAILMIRROR_CO_TRY(borrowed);
    auto read_uids = [this] { return work_.account.db.read().uids(state_.id); };
    auto recorded = co_await work_.account.pool.run(read_uids);
    const auto sure = co_await rematch_if_needed(recorded);
    MAILMIRROR_CO_TRY(sure);
    recorded = co_await work_.account.pool.run(read_uids);
    const auto settled = co_await settle_uploads(work_, lease_->session(), std::exchange(intents_, {}), recorded);
    MAILMIRROR_CO_TRY(settled);
    report_.uploaded += settled->uploads;
    report_.removed_locally += settled->buried;
    // Their origin still has them: the next pass moves them.
    for (const auto& unique : settled->unmoved) in_.sought.files.erase(unique);
    if (settled->open > 0) report_.try_again_soon = true;
    auto read_intents = [this] { return work_.account.db.read().intents(state_.id); };
    intents_ = co_await work_.account.pool.run(read_intents);
    co_return ok();
  }

  /// False: nothing may be concluded yet.
  Task<Result<bool>> observe_here() {
    for (int wait = 0;; ++wait) {
      const auto seen = co_await look_here();
      MAILMIRROR_CO_TRY(seen);
      // A file that can't be compared yet may be a message that would be downloaded beside it.
      const bool first_pass = state_.uid_next == Uid{};
      if (local_.unfinished == 0 || !first_pass) break;
      if (wait == kMostWaits) {
        report_.try_again_soon = true;
        report_.notes.emplace_back("files here are being written right now: the mailbox is mirrored once they have come to rest");
        co_return false;
      }
      co_await work_.account.clock.sleep(kWriting);
    }
    if (local_.unfinished > 0) report_.try_again_soon = true;
    co_return true;
  }

  Task<Result<void>> look_here() {
    auto in_flight = orphans_;
    for (const auto& intent : intents_) in_flight.insert(intent.unique);
    auto job = [&] { return observe_local(work_, in_.local, in_flight); };
    auto seen = co_await work_.account.pool.run(job);
    MAILMIRROR_CO_TRY(seen);
    local_ = std::move(*seen);
    leave_what_may_be_a_move();
    co_return ok();
  }

  /// What came or went after moves were sought waits for the next pass, which asks where from and where to (hard case 1).
  void leave_what_may_be_a_move() {
    auto& changes = local_.changes;
    const auto left = std::erase_if(changes.appeared, [this](const NewFile& file) { return !in_.sought.files.contains(file.unique); });
    const auto asked = changes.gone & in_.sought.missing;
    if (left == 0 && asked == changes.gone) return;
    changes.gone = asked;
    ++local_.unfinished;
    local_.stamps.reset();
  }

  Task<Result<void>> observe_there() {
    const auto borrowed = co_await borrow_session();
    MAILMIRROR_CO_TRY(borrowed);
    auto read_known = [this] {
      const auto read = work_.account.db.read();
      return known_messages(read, state_.id);
    };
    auto known = co_await work_.account.pool.run(read_known);
    known.pending = pending_;
    // No pass over it was ever completed: files without a record may be downloads of one that was killed.
    first_pass_ = state_.uid_next == Uid{};
    auto seen = co_await observe_remote(lease_->session(), state_, std::move(known));
    MAILMIRROR_CO_TRY(seen);
    if (seen->upheaval != Upheaval::none) {
      const auto matched = co_await match_again(seen->upheaval, seen->checkpoint.uid_validity);
      MAILMIRROR_CO_TRY(matched);
      upheaval_ = true;
      co_return ok();
    }
    remote_ = std::move(*seen);
    if (state_.uid_validity == remote_.checkpoint.uid_validity) co_return ok();
    // Stored before the first download, so that the names of downloads that never got a record can be believed.
    state_.uid_validity = remote_.checkpoint.uid_validity;
    auto store = [this] {
      auto commit = [this](store::WriteTxn& txn) { txn.put(state_); };
      return work_.account.db.write(commit);
    };
    const auto stored = co_await work_.account.pool.run(store);
    co_return stored;
  }

  /// Files that are messages of the server already: downloads whose record was lost, moves whose end wasn't seen or that were made on both
  /// sides (hard case 15), and all of a Maildir that another program filled. None is transferred.
  void bind_twins() {
    auto& files = local_.changes.appeared;
    if (files.empty() || (lease_ && lease_->session().has(imap::client::Quirk::estimated_sizes))) return;
    for (auto& file : files) {
      file.hint = claimed_uid(work_, file.unique);
      if (!file.hint && first_pass_) file.hint = store::foreign_uid(file.unique);
    }
    const auto& messages = remote_.changes.reported;
    for (const auto& [file, message] : match_files(files, messages, first_pass_ ? Trust::adoption : Trust::strict))
      files[file].claims = messages[message].uid;
  }

  /// Blocking (reads the base).
  Plan make_plan() {
    Base base;
    auto touched = touched_uids();
    const auto read = work_.account.db.read();
    messages_ = read.count(state_.id);
    if (work_.policy.expunge)
      read.for_each_record(state_.id, [&](const store::Record& record) {
        if (to_be_purged(record)) touched.insert(record.uid);
      });
    for (const auto& record : read.records(state_.id, touched)) base.emplace(record.uid, BaseMessage{base_state(record.state), record.flags});
    return plan({base, remote_.changes, local_.changes, work_.policy, in_.decisions, messages_, state_.uid_next, recent(read),
                 {held_.on_server, held_.here}});
  }

  /// Where nothing goes, the past doesn't matter.
  [[nodiscard]] RecentDeletions recent(const store::ReadTxn& read) const {
    if (remote_.changes.expunged.empty() && local_.changes.gone.empty() && !work_.policy.expunge) return {};
    return recent_deletions(read, state_.id, now());
  }

  [[nodiscard]] std::chrono::sys_seconds now() const {
    return std::chrono::floor<std::chrono::seconds>(work_.account.clock.system_now());
  }

  [[nodiscard]] bool to_be_purged(const store::Record& record) const {
    return work_.policy.expunge && work_.policy.mode == Mode::two_way && record.state == store::RecordState::present &&
           record.flags.contains(Flag::deleted);
  }

  /// After it, more messages may be \Deleted on both sides.
  static bool brings_deleted(const Plan& plan) {
    const auto deleted = [](const auto& action) { return action.delta.added.contains(Flag::deleted); };
    const auto come = [](const auto& one) { return one.message.flags.contains(Flag::deleted); };
    return std::any_of(plan.flag_locally.begin(), plan.flag_locally.end(), deleted) ||
           std::any_of(plan.record_flags.begin(), plan.record_flags.end(), deleted) ||
           std::any_of(plan.download.begin(), plan.download.end(), come) || std::any_of(plan.adopt.begin(), plan.adopt.end(), come);
  }

  [[nodiscard]] UidSet touched_uids() const {
    UidSet touched = remote_.changes.expunged | local_.changes.gone;
    UidSet reported;
    for (const auto& message : remote_.changes.reported) reported.insert(message.uid);
    for (const auto& change : local_.changes.flagged) reported.insert(change.uid);
    return touched | reported;
  }

  static BaseMessage::State base_state(store::RecordState state) {
    switch (state) {
      case store::RecordState::present: return BaseMessage::State::present;
      case store::RecordState::skipped: return BaseMessage::State::skipped;
      case store::RecordState::tombstone: return BaseMessage::State::tombstone;
      case store::RecordState::pending: return BaseMessage::State::pending;
    }
    return BaseMessage::State::pending;
  }

  /// The order matters: what is adopted isn't uploaded; what comes is recorded before anything goes.
  Task<Result<void>> carry_out(const Plan& plan) {
    const auto adopted = co_await adopt_files(plan);
    MAILMIRROR_CO_TRY(adopted);
    const auto came = co_await download_all(plan);
    MAILMIRROR_CO_TRY(came);
    const auto flagged = co_await carry_out_flags(plan);
    MAILMIRROR_CO_TRY(flagged);
    const auto sent = co_await upload_all(plan);
    MAILMIRROR_CO_TRY(sent);
    co_return co_await carry_out_deletions(plan);
  }

  Task<Result<void>> adopt_files(const Plan& plan) {
    auto job = [&] { return adopt(work_, plan.adopt); };
    const auto done = co_await work_.account.pool.run(job);
    co_return done;
  }

  Task<Result<void>> download_all(const Plan& plan) {
    auto wanted = plan.download;
    if (!plan.fetch_again.empty()) {
      const auto more = co_await imap::client::fetch_summaries(lease_->session(), plan.fetch_again);
      MAILMIRROR_CO_TRY(more);
      for (const auto& m : *more) wanted.push_back({{m.uid, m.flags, m.size, m.internal_date, m.message_id, m.identity}});
    }
    if (wanted.empty()) co_return ok();
    std::uint64_t bytes = 0;
    for (const auto& one : wanted) bytes += one.message.size;
    in_.expected(wanted.size(), bytes);
    AdoptableFiles adoptable;
    if (first_pass_)
      for (const auto& one : plan.upload)
        for (const auto& form : std::set{one.file.served_digest, one.file.file_digest}) adoptable.emplace(form, one.file);
    auto done = co_await download_once(work_, lease_->session(), std::move(wanted), std::move(adoptable), in_.progress);
    MAILMIRROR_CO_TRY(done);
    report_.downloaded += done->downloaded;
    pending_ = done->unanswered;
    matched_.insert(done->adopted.begin(), done->adopted.end());
    if (!done->unanswered.empty())
      report_.notes.push_back("the server lists message(s) that it doesn't deliver: UID " + done->unanswered.to_string());
    co_return ok();
  }

  Task<Result<void>> carry_out_flags(const Plan& plan) {
    const auto recorded = co_await record_flags(work_, plan.record_flags);
    MAILMIRROR_CO_TRY(recorded);
    const auto here = co_await flag_locally(work_, plan.flag_locally);
    MAILMIRROR_CO_TRY(here);
    report_.flags_changed += here->changed;
    // Moved or deleted just now: another pass tells which, and must hear of the flags again.
    flags_left_ = flags_left_ || here->missing > 0;
    if (plan.flag_remotely.empty()) co_return ok();
    SettableFlags settable{remote_.settable, remote_.any_keyword_settable};
    const auto there = co_await flag_remotely(work_, lease_->session(), plan.flag_remotely, std::move(settable));
    MAILMIRROR_CO_TRY(there);
    report_.flags_changed += *there;
    co_return ok();
  }

  Task<Result<void>> upload_all(const Plan& plan) {
    std::vector<Upload> files;
    for (const auto& one : plan.upload)
      if (!matched_.contains(one.file.unique)) files.push_back(one);
    if (files.empty()) co_return ok();
    auto done = co_await upload(work_, lease_->session(), std::move(files), remote_.checkpoint.uid_next);
    MAILMIRROR_CO_TRY(done);
    report_.uploaded += done->uploaded;
    std::move(done->refused.begin(), done->refused.end(), std::back_inserter(report_.notes));
    refused_ = refused_ || !done->refused.empty();
    if (!done->unsettled) co_return ok();
    auto read_intents = [this] { return work_.account.db.read().intents(state_.id); };
    intents_ = co_await work_.account.pool.run(read_intents);
    co_return co_await settle_intents();
  }

  Task<Result<void>> carry_out_deletions(const Plan& plan) {
    if (!plan.expunge.empty()) {
      auto done = co_await expunge_remotely(work_, lease_->session(), plan.expunge);
      MAILMIRROR_CO_TRY(done);
      take(*done);
    }
    if (!plan.purge.empty()) {
      auto done = co_await purge(work_, lease_->session(), plan.purge);
      MAILMIRROR_CO_TRY(done);
      take(done->there);
      report_.removed_locally += done->to_attic;
    }
    const auto trashed = co_await carry_to_trash(plan.trash);
    MAILMIRROR_CO_TRY(trashed);
    const auto taken = co_await move_to_attic(work_, plan.to_attic);
    MAILMIRROR_CO_TRY(taken);
    report_.removed_locally += *taken;
    // What is being edited right now, or is on its way elsewhere.
    report_.try_again_soon = report_.try_again_soon || *taken < plan.to_attic.size();
    const auto undone = co_await move_files_to_attic(work_, plan.files_to_attic);
    MAILMIRROR_CO_TRY(undone);
    report_.removed_locally += *undone;
    const auto skipped = co_await skip(work_, plan.skip);
    MAILMIRROR_CO_TRY(skipped);
    auto remember = [&] { remember_to_upload(plan.upload_again); };
    co_await work_.account.pool.run(remember);
    co_return co_await forget(work_, plan.forget | plan.upload_again);
  }

  Task<Result<void>> carry_to_trash(UidSet uids) {
    if (uids.empty()) co_return ok();
    if (!in_.trash) {
      undeleted_ = true;
      report_.notes.push_back(fmt::format("{} message(s) were deleted here and stay on the server: on_local_delete is \"trash\", but the server "
                                          "names no \\Trash mailbox. Name one by trash_mailbox",
                                          uids.size()));
      co_return ok();
    }
    auto done = co_await trash_remotely(work_, lease_->session(), std::move(uids), *in_.trash);
    MAILMIRROR_CO_TRY(done);
    report_.trashed += done->deleted;
    take(*done);
    co_return ok();
  }

  /// Blocking. The next round finds files without a record: they came from nowhere else.
  void remember_to_upload(const UidSet& uids) {
    if (uids.empty()) return;
    const auto read = work_.account.db.read();
    for (const auto& record : read.records(state_.id, uids)) in_.sought.files.insert(record.unique);
  }

  void take(DeletionReport& done) {
    report_.removed_remotely += done.deleted;
    undeleted_ = undeleted_ || !done.notes.empty();
    strangers_ = strangers_ || done.strangers;
    std::move(done.notes.begin(), done.notes.end(), std::back_inserter(report_.notes));
  }

  /// A checkpoint says that all before it has been carried out. What is held, refused or undecided keeps its side's checkpoint
  /// back, so that the next pass sees it again.
  Task<Result<void>> keep_checkpoints(const Plan& plan, bool looked_there, bool looked_here) {
    if (looked_there && plan.held_local.empty()) {
      state_.uid_next = remote_.checkpoint.uid_next;
      if (!flags_left_) state_.highest_modseq = remote_.checkpoint.highest_modseq;
      report_.try_again_soon = report_.try_again_soon || flags_left_;
      state_.remote_messages = remote_.checkpoint.messages;
    }
    const bool all_told = plan.held_remote.empty() && !refused_ && !undeleted_ && intents_.empty();
    if (looked_here) state_.scanned = all_told ? local_.stamps : std::nullopt;
    remote_.changes = {};
    auto job = [&]() -> Result<void> {
      auto held = held_after(work_, held_, {plan, in_.decisions, messages_, looked_there, looked_here && in_.local.removals == Removals::now});
      MAILMIRROR_TRY(held);
      held_ = std::move(*held);
      report_.held = held_.on_server | held_.here;
      auto commit = [this](store::WriteTxn& txn) {
        txn.put(state_);
        txn.put(state_.id, held_);
      };
      return work_.account.db.write(commit);
    };
    const auto done = co_await work_.account.pool.run(job);
    co_return done;
  }

  MailboxPassInput in_;
  MailboxWork& work_;
  store::MailboxState& state_;
  SessionSource& sessions_;
  std::optional<SessionLease> lease_;
  std::vector<store::Intent> intents_;
  store::HeldDeletions held_;
  std::uint64_t messages_ = 0;  ///< when the plan was made
  UidSet pending_;
  UidSet marked_;  ///< by `expunge`: \Deleted on both sides at the last pass
  bool first_pass_ = false;
  bool upheaval_ = false;
  std::set<std::string> orphans_;
  bool refused_ = false;
  bool undeleted_ = false;
  bool strangers_ = false;  ///< recorded UIDs are other messages: all are matched again
  bool flags_left_ = false;
  std::set<std::string> matched_;
  LocalObservation local_;
  RemoteObservation remote_;
  MailboxReport report_;
};

}  // namespace

Task<MailboxReport> run_mailbox_pass(MailboxPassInput input, SessionSource& sessions) {
  MailboxPass pass(std::move(input), sessions);
  auto report = co_await pass.run();
  co_return std::move(report);
}

}  // namespace mailmirror::sync
