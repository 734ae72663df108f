#include "sync/history/undo.hpp"

#include "store/files/keywords.hpp"
#include "store/files/maildir_name.hpp"
#include "sync/execute/file_names.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

using store::HistoryEntry;

/// Where a message belongs now.
struct Destination {
  MailboxName name;
  char delimiter = '/';
  std::string directory;

  friend auto operator<=>(const Destination&, const Destination&) = default;
};

/// The mailbox may have been renamed since, or deleted and made again.
class Destinations {
 public:
  explicit Destinations(std::vector<store::MailboxState> states) : states_(std::move(states)) {}

  [[nodiscard]] Destination of(const HistoryEntry& entry) const {
    const MailboxName name(entry.name, delimiter());
    for (const auto& state : states_)
      if (state.id == entry.mailbox) return {state.name, state.delimiter, state.directory};
    for (const auto& state : states_)
      if (state.name == name) return {state.name, state.delimiter, state.directory};
    return {name, delimiter(), entry.directory};
  }

 private:
  [[nodiscard]] char delimiter() const { return states_.empty() ? '/' : states_.front().delimiter; }

  std::vector<store::MailboxState> states_;
};

/// Always the same for a removal, never that of another one.
std::string name_for(const Account& account, const HistoryEntry& entry, const store::FileStamp& stamp) {
  const auto what = fmt::format("{} {} {} {} {}", account.tag(), entry.number, entry.time.time_since_epoch().count(), entry.unique,
                                entry.digest.to_hex());
  const auto hex = sha256(std::as_bytes(std::span(what.data(), what.size()))).to_hex().substr(0, 20);
  const auto date = std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(stamp.mtime_ns));
  return store::make_unique(hex, std::chrono::sys_seconds(date), stamp.size, account.host_name());
}

/// A message with \Deleted would go again at the next expunge.
FlagSet flags_wanted(const HistoryEntry& entry) {
  auto flags = entry.before;
  flags.erase(Flag::deleted);
  return flags;
}

class Undo {
 public:
  Undo(Account& account, UndoRequest request) : account_(account), request_(std::move(request)) {}

  Task<Result<UndoReport>> run() {
    auto choose = [this] { choose_removals(); };
    co_await account_.surroundings().pool.run(choose);
    for (const auto& [destination, messages] : by_destination_)
      policies_.emplace(destination, account_.policy_of(destination.name, destination.delimiter));
    auto restore = [this] { return restore_all(); };
    const auto done = co_await account_.surroundings().pool.run(restore);
    MAILMIRROR_CO_TRY(done);
    co_return std::move(report_);
  }

 private:
  /// Blocking.
  void choose_removals() {
    const auto read = account_.db().read();
    auto meant = removals_meant(read, request_);
    came_since_ = std::move(meant.came_since);
    const Destinations destinations(read.mailboxes());
    for (auto& entry : meant.entries) {
      by_destination_[destinations.of(entry)].push_back(report_.messages.size());
      report_.messages.push_back({std::move(entry), UndoOutcome::failed, {}, {}});
    }
  }

  /// Blocking. Of each folder: the files, then their names, then the note that they are back.
  Result<void> restore_all() {
    for (const auto& [destination, messages] : by_destination_) {
      std::vector<std::size_t> wanted;
      for (const auto n : messages)
        if (may_come_back(report_.messages[n], destination)) wanted.push_back(n);
      if (wanted.empty() || request_.run == UndoRequest::Run::dry) continue;
      const auto restored = restore_into(destination, wanted);
      if (!restored)
        for (const auto n : wanted) settle(report_.messages[n], UndoOutcome::failed, restored.error().message);
      const auto noted = note_restored(wanted);
      MAILMIRROR_TRY(noted);
    }
    return ok();
  }

  /// Settles those that can't, and in a dry run all.
  bool may_come_back(UndoneMessage& message, const Destination& destination) const {
    const auto& removal = message.removal;
    if (!removal.restored_as.empty()) return settle(message, UndoOutcome::restored_before, {});
    if (removal.resting.empty() && removal.origin == store::ChangeOrigin::local)
      return settle(message, UndoOutcome::deleted_here, "deleted here, and so on the server: nobody kept its bytes (where on_local_delete = "
                                                        "\"trash\", it is in the \\Trash mailbox)");
    if (removal.resting.empty()) return settle(message, UndoOutcome::not_in_attic, "gone on both sides: its bytes aren't in the attic");
    const auto resting = (account_.settings().state_dir / "attic" / removal.resting).string();
    const auto stamp = account_.attic().stamp(removal.resting);
    if (!stamp && stamp.error().kind == ErrorKind::missing)
      return settle(message, UndoOutcome::not_in_attic, resting + " isn't there any more (attic_retention)");
    if (!stamp) return settle(message, UndoOutcome::failed, stamp.error().message);
    const auto& policy = policies_.at(destination);
    if (!policy || policy->mode == Mode::pull)
      return settle(message, UndoOutcome::refused,
                    fmt::format("the mailbox {}: copy {} to where you want it", policy ? "only follows the server (mode \"pull\")" : "isn't mirrored any more",
                                resting));
    message.removal.restored_as = name_for(account_, removal, *stamp);
    if (came_since_.contains(removal.restored_as)) {
      settle(message, UndoOutcome::restored_before, {});
      return true;
    }
    if (request_.run == UndoRequest::Run::dry) settle(message, UndoOutcome::restored, {});
    return true;
  }

  Result<void> restore_into(const Destination& destination, const std::vector<std::size_t>& messages) {
    auto folder = account_.create_folder(destination.directory);
    MAILMIRROR_TRY(folder);
    auto keywords = store::KeywordTable::read(*folder);
    MAILMIRROR_TRY(keywords);
    for (const auto n : messages) {
      auto& message = report_.messages[n];
      if (message.outcome == UndoOutcome::restored_before) continue;
      const auto restored = restore(message, *folder, *keywords);
      if (!restored) settle(message, UndoOutcome::failed, restored.error().message);
    }
    return folder->sync();
  }

  Result<void> restore(UndoneMessage& message, store::MaildirFolder& folder, store::KeywordTable& keywords) {
    const auto& removal = message.removal;
    const auto there = folder.find(removal.restored_as);
    MAILMIRROR_TRY(there);
    // An undo was stopped after this file came and before it was noted.
    if (*there) return show(message, folder, **there);
    const auto letters = letters_of(folder, keywords, account_.surroundings().random, flags_wanted(removal));
    MAILMIRROR_TRY(letters);
    const auto file = account_.attic().bring_back(removal.resting, removal.digest, folder, removal.restored_as, *letters);
    MAILMIRROR_TRY(file);
    return show(message, folder, *file);
  }

  static Result<void> show(UndoneMessage& message, const store::MaildirFolder& folder, const store::MaildirFile& file) {
    message.path = (folder.at(file.place).path() / file.name()).string();
    settle(message, UndoOutcome::restored, {});
    return ok();
  }

  Result<void> note_restored(const std::vector<std::size_t>& messages) {
    auto commit = [&](store::WriteTxn& txn) {
      for (const auto n : messages) {
        const auto& message = report_.messages[n];
        if (message.outcome != UndoOutcome::failed) txn.mark_restored(message.removal.number, message.removal.restored_as);
      }
    };
    return account_.db().write(commit);
  }

  static bool settle(UndoneMessage& message, UndoOutcome outcome, std::string detail) {
    message.outcome = outcome;
    message.detail = std::move(detail);
    return false;
  }

  Account& account_;
  UndoRequest request_;
  std::set<std::string> came_since_;
  std::map<Destination, std::vector<std::size_t>> by_destination_;
  std::map<Destination, std::optional<Policy>> policies_;
  UndoReport report_;
};

}  // namespace

Task<Result<UndoReport>> undo(Account& account, UndoRequest request) {
  Undo task(account, std::move(request));
  std::optional<Error> failed;
  try {
    auto report = co_await task.run();
    co_return std::move(report);
  } catch (const ErrorException& failure) {
    failed = failure.error();
  }
  co_return *failed;
}

}  // namespace mailmirror::sync
