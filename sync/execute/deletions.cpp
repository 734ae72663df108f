#include "sync/execute/deletions.hpp"

#include "imap/client/expunge.hpp"
#include "imap/client/extension/move.hpp"
#include "imap/client/fetch.hpp"
#include "imap/client/flag_store.hpp"
#include "imap/client/search.hpp"
#include "sync/execute/edited.hpp"
#include "sync/execute/file_names.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

using imap::client::MessageSummary;

Result<void> erase_records(const AccountParts& account, store::MailboxId mailbox, const UidSet& uids, store::ChangeOrigin origin) {
  if (uids.empty()) return ok();
  auto commit = [&](store::WriteTxn& txn) {
    txn.attribute_to(origin);
    uids.for_each([&](Uid uid) { txn.erase(mailbox, uid); });
  };
  return account.db.write(commit);
}

Result<void> set_state(const AccountParts& account, store::MailboxId mailbox, const UidSet& uids, store::RecordState state) {
  auto commit = [&](store::WriteTxn& txn) {
    txn.attribute_to(store::ChangeOrigin::local);
    uids.for_each([&](Uid uid) {
      auto record = txn.record(mailbox, uid).value_or(store::Record{});
      record.uid = uid;
      record.state = state;
      txn.put(mailbox, record);
    });
  };
  return account.db.write(commit);
}

class RemoteDeletion {
 public:
  RemoteDeletion(AccountParts& account, store::MailboxState state, imap::client::Session& session, UidSet uids,
                 std::optional<MailboxName> trash, AbsenceProof proof)
      : account_(account),
        state_(std::move(state)),
        session_(session),
        uids_(std::move(uids)),
        trash_(std::move(trash)),
        proof_(std::move(proof)) {}

  Task<Result<DeletionReport>> run() {
    auto look = [this] { return keep_only_absent(); };
    const auto absent = co_await account_.pool.run(look);
    MAILMIRROR_CO_TRY(absent);
    if (uids_.empty()) co_return std::move(report_);
    auto summaries = co_await imap::client::fetch_summaries(session_, uids_);
    MAILMIRROR_CO_TRY(summaries);
    keep_only_recorded(*summaries);
    if (uids_.empty()) co_return std::move(report_);
    auto going = trash_ ? move_to_trash() : expunge();
    const auto gone = co_await std::move(going);
    MAILMIRROR_CO_TRY(gone);
    auto write = [this] { return write_down(); };
    const auto written = co_await account_.pool.run(write);
    MAILMIRROR_CO_TRY(written);
    tell();
    co_return std::move(report_);
  }

 private:
  /// Blocking.
  Result<void> keep_only_absent() {
    std::vector<std::string> uniques;
    std::map<std::string, Uid> by_unique;
    {
      const auto read = account_.db.read();
      uids_.for_each([&](Uid uid) {
        const auto record = read.record(state_.id, uid);
        if (!record) return;
        records_.emplace(uid, *record);
        by_unique.emplace(record->unique, uid);
        uniques.push_back(record->unique);
      });
    }
    const auto absent = proof_(uniques);
    MAILMIRROR_TRY(absent);
    UidSet proven;
    for (const auto& unique : *absent) proven.insert(by_unique.at(unique));
    uids_ = proven;
    return ok();
  }

  void keep_only_recorded(const std::vector<MessageSummary>& summaries) {
    UidSet same;
    for (const auto& message : summaries) {
      const auto& record = records_.at(message.uid);
      const bool agrees = message.internal_date == record.internal_date && message.size == record.server_size;
      if (agrees)
        same.insert(message.uid);
      else
        report_.strangers = true;
    }
    uids_ = same;
  }

  /// The copy there is confirmed before anything is \Deleted here, also where the server has no MOVE.
  Task<Result<void>> move_to_trash() {
    const auto moved = co_await imap::client::move_messages(session_, uids_, *trash_);
    if (!moved && (moved.error().kind == ErrorKind::refused || moved.error().kind == ErrorKind::missing)) {
      report_.notes.push_back(fmt::format("{} message(s) were deleted here and stay on the server, which refuses to move them to {}: {}",
                                          uids_.size(), trash_->utf8(), moved.error().message));
      uids_ = {};
      co_return ok();
    }
    MAILMIRROR_CO_TRY(moved);
    left_behind_ = moved->left_behind;
    co_return ok();
  }

  Task<Result<void>> expunge() {
    const auto deleted = FlagSet::from_bits(static_cast<std::uint8_t>(Flag::deleted));
    const auto marked = co_await imap::client::store_flags(session_, uids_, imap::client::FlagChange::add, deleted);
    MAILMIRROR_CO_TRY(marked);
    if (session_.capabilities().has(imap::client::Extension::uidplus)) {
      auto done = co_await imap::client::uid_expunge(session_, uids_);
      co_return done;
    }
    const auto ours = co_await with_tombstones();
    MAILMIRROR_CO_TRY(ours);
    const auto outcome = co_await imap::client::expunge_exactly(session_, *ours);
    MAILMIRROR_CO_TRY(outcome);
    if (*outcome == imap::client::ExpungeOutcome::others_are_deleted_too) {
      left_behind_ = uids_;
      report_.notes.push_back(fmt::format("{} message(s) are marked \\Deleted but not expunged: the server can't expunge single messages "
                                          "(no UIDPLUS), and other messages there are marked \\Deleted too",
                                          uids_.size()));
    }
    co_return ok();
  }

  /// What had to stay \Deleted at an earlier time is ours, too: else two such messages would hold each other for ever. Their records go
  /// once the server tells that they did.
  Task<Result<UidSet>> with_tombstones() {
    const auto deleted = co_await imap::client::search_deleted_uids(session_);
    MAILMIRROR_CO_TRY(deleted);
    auto look = [&] {
      auto ours = uids_;
      const auto read = account_.db.read();
      for (const auto& record : read.records(state_.id, *deleted))
        if (record.state == store::RecordState::tombstone) ours.insert(record.uid);
      return ours;
    };
    auto ours = co_await account_.pool.run(look);
    co_return ours;
  }

  Result<void> write_down() {
    const auto remembered = set_state(account_, state_.id, left_behind_, store::RecordState::tombstone);
    MAILMIRROR_TRY(remembered);
    return erase_records(account_, state_.id, uids_ - left_behind_, store::ChangeOrigin::local);
  }

  void tell() {
    report_.deleted = uids_.size();
    uids_.for_each([this](Uid uid) {
      PassEvent event{PassEvent::Kind::message_removed, state_.name, Origin::local, uid, {}, {}, 0, 0, 0, {}};
      account_.observer.on_event(event);
    });
  }

  AccountParts& account_;
  store::MailboxState state_;
  imap::client::Session& session_;
  UidSet uids_;
  std::map<Uid, store::Record> records_;
  std::optional<MailboxName> trash_;
  AbsenceProof proof_;
  UidSet left_behind_;  ///< marked \Deleted, not expunged
  DeletionReport report_;
};

struct Taken {
  std::uint64_t files = 0;
  UidSet vanished;  ///< of messages whose files weren't there: they are on their way to elsewhere, or deleted
  std::map<Uid, std::string> places;  ///< in the attic
  std::vector<PassEvent> events;
};

struct Unique {
  std::string unique;
  std::optional<Uid> uid;
  std::optional<store::FileStamp> as_seen;
};

PassEvent buried(const MailboxWork& work, const store::MaildirFile& file, std::optional<Uid> uid) {
  auto event = work.event(PassEvent::Kind::message_removed);
  event.uid = uid;
  event.path = path_of(work, file);
  event.text = "kept in the attic";
  return event;
}

/// Blocking. Moves the files with these unique names.
Result<Taken> take(const MailboxWork& work, const std::vector<Unique>& files) {
  const auto today = std::chrono::floor<std::chrono::days>(work.account.clock.system_now());
  Taken taken;
  std::vector<store::Leaving> present;
  std::vector<std::optional<Uid>> uids;
  for (const auto& [unique, uid, as_seen] : files) {
    const auto file = work.folder.find(unique);
    MAILMIRROR_TRY(file);
    if (!*file && uid) taken.vanished.insert(*uid);
    if (!*file) continue;
    present.emplace_back(**file, as_seen);
    uids.push_back(uid);
  }
  const auto places = work.account.attic.take_all(work.folder, present, work.state.directory, today);
  MAILMIRROR_TRY(places);
  const auto synced = work.folder.sync();
  MAILMIRROR_TRY(synced);
  for (std::size_t n = 0; n < present.size(); ++n) {
    const auto& uid = uids[n];
    const auto& place = (*places)[n];
    if (place) taken.events.push_back(buried(work, present[n].file, uid));
    if (uid && place) taken.places.emplace(*uid, *place);
    if (uid && !place) taken.vanished.insert(*uid);
  }
  taken.files = taken.events.size();
  return taken;
}

/// Blocking. Deleted there: the history tells where the bytes of each rest.
Result<void> erase_rested(const MailboxWork& work, const UidSet& uids, const std::map<Uid, std::string>& places) {
  if (uids.empty()) return ok();
  auto commit = [&](store::WriteTxn& txn) {
    uids.for_each([&](Uid uid) {
      const auto place = places.find(uid);
      txn.erase(work.state.id, uid, place == places.end() ? std::string() : place->second);
    });
  };
  return work.account.db.write(commit);
}

/// Blocking. A stop after a file went to the attic and before its record did leaves a record without a file: it rests where it was laid
/// then, in the last folders that the mailbox has there.
Result<void> forget_gone(const MailboxWork& work, const UidSet& uids) {
  const auto places = work.account.attic.places_in(work.state.directory, 2);
  MAILMIRROR_TRY(places);
  auto commit = [&](store::WriteTxn& txn) {
    for (const auto& record : txn.records(work.state.id, uids)) {
      const auto place = places->find(record.unique);
      const bool rests = place != places->end();
      txn.attribute_to(rests ? store::ChangeOrigin::remote : store::ChangeOrigin::both);
      txn.erase(work.state.id, record.uid, rests ? place->second : std::string());
    }
  };
  return work.account.db.write(commit);
}

/// Blocking. What was edited here meanwhile is another message than the one that was expunged there (hard case 14): it stays, with a
/// name of its own.
Result<std::vector<Unique>> unedited(const MailboxWork& work, const UidSet& uids) {
  const EditedFiles edited(work, {});
  const auto records = work.account.db.read().records(work.state.id, uids);
  std::vector<Unique> files;
  for (const auto& record : records) {
    const auto file = work.folder.find(record.unique);
    MAILMIRROR_TRY(file);
    // Taken before the look, so that nothing that is written after it goes unseen.
    const auto stamp = *file ? work.folder.stamp(**file) : fail(ErrorKind::missing, record.unique + " is gone");
    auto verdict = *file ? edited.look_at(**file, KnownBytes(record)) : EditedFiles::Verdict::gone;
    MAILMIRROR_TRY(verdict);
    if (*verdict != EditedFiles::Verdict::set_apart) files.push_back({record.unique, record.uid, stamp ? std::optional(*stamp) : std::nullopt});
  }
  return files;
}

/// Of files in a folder that is there.
AbsenceProof absence_in(const MailboxWork& work) {
  return [&folder = work.folder](const std::vector<std::string>& uniques) -> Result<std::vector<std::string>> {
    const auto synced = folder.sync();
    MAILMIRROR_TRY(synced);
    return folder.confirm_absent(uniques);
  };
}

}  // namespace

Task<Result<DeletionReport>> delete_remotely(AccountParts& account, store::MailboxState state, imap::client::Session& session, UidSet uids,
                                             std::optional<MailboxName> trash, AbsenceProof proof) {
  if (uids.empty()) co_return DeletionReport{};
  RemoteDeletion deletion(account, std::move(state), session, std::move(uids), std::move(trash), std::move(proof));
  auto report = co_await deletion.run();
  co_return std::move(report);
}

Task<Result<DeletionReport>> expunge_remotely(MailboxWork work, imap::client::Session& session, UidSet uids) {
  auto deletion = delete_remotely(work.account, work.state, session, std::move(uids), std::nullopt, absence_in(work));
  auto report = co_await std::move(deletion);
  co_return std::move(report);
}

Task<Result<DeletionReport>> trash_remotely(MailboxWork work, imap::client::Session& session, UidSet uids, MailboxName trash) {
  auto deletion = delete_remotely(work.account, work.state, session, std::move(uids), std::move(trash), absence_in(work));
  auto report = co_await std::move(deletion);
  co_return std::move(report);
}

Task<Result<std::uint64_t>> move_to_attic(MailboxWork work, UidSet uids) {
  if (uids.empty()) co_return std::uint64_t{0};
  auto job = [&]() -> Result<Taken> {
    const auto files = unedited(work, uids);
    MAILMIRROR_TRY(files);
    auto taken = take(work, *files);
    MAILMIRROR_TRY(taken);
    // What vanished keeps its record, by which it is known where it went.
    const auto erased = erase_rested(work, uids - taken->vanished, taken->places);
    MAILMIRROR_TRY(erased);
    return taken;
  };
  const auto taken = co_await work.account.pool.run(job);
  MAILMIRROR_CO_TRY(taken);
  for (const auto& event : taken->events) work.tell(event);
  co_return taken->files;
}

Task<Result<std::uint64_t>> move_files_to_attic(MailboxWork work, std::vector<NewFile> files) {
  if (files.empty()) co_return std::uint64_t{0};
  auto job = [&] {
    std::vector<Unique> names;
    for (const auto& file : files) names.push_back({file.unique, std::nullopt, std::nullopt});
    return take(work, names);
  };
  const auto taken = co_await work.account.pool.run(job);
  MAILMIRROR_CO_TRY(taken);
  for (const auto& event : taken->events) work.tell(event);
  co_return taken->files;
}

Task<Result<void>> forget(MailboxWork work, UidSet uids) {
  if (uids.empty()) co_return ok();
  auto job = [&] { return forget_gone(work, uids); };
  const auto done = co_await work.account.pool.run(job);
  co_return done;
}

Task<Result<void>> skip(MailboxWork work, UidSet uids) {
  if (uids.empty()) co_return ok();
  auto job = [&] { return set_state(work.account, work.state.id, uids, store::RecordState::skipped); };
  const auto done = co_await work.account.pool.run(job);
  co_return done;
}

}  // namespace mailmirror::sync
