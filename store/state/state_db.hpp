// The base tree on disk: one LMDB environment an account, in STATE_DIR/ACCOUNT (state.mdb and LMDB's own lock file,
// state.mdb-lock). All of it blocks.
#pragma once

#include "store/state/history.hpp"
#include "store/state/records.hpp"
#include "sync/base/result.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct MDB_env;
struct MDB_txn;

namespace mailmirror::store {

class StateDb;
struct Tables;
class ChangeNotes;

/// The pass whose changes are being written.
struct PassMark {
  std::uint64_t number = 0;  ///< 0: it hasn't changed anything yet
  std::chrono::sys_seconds time{};
};

/// A snapshot; cheap, any number at once. Everything here blocks (it may read from the disk) and throws ErrorException(damaged) on a
/// damaged database. For one thread at a time. Must end before its StateDb, and soon: while it lives, the space of what later
/// writes replace can't be used again.
class ReadTxn {
 public:
  ReadTxn(ReadTxn&& other) noexcept;
  ReadTxn& operator=(ReadTxn&&) = delete;
  ~ReadTxn();

  [[nodiscard]] std::optional<Binding> binding() const;
  [[nodiscard]] bool paused() const;
  /// Zero without any.
  [[nodiscard]] DailyTraffic daily_traffic() const;

  /// In the order they were made.
  [[nodiscard]] std::vector<MailboxState> mailboxes() const;
  /// nullopt: there is none.
  [[nodiscard]] std::optional<MailboxState> mailbox(MailboxId id) const;

  [[nodiscard]] std::optional<Record> record(MailboxId mailbox, Uid uid) const;
  /// In ascending order of UIDs.
  void for_each_record(MailboxId mailbox, const std::function<void(const Record&)>& visit) const;
  /// Those of the UIDs that have a record, in ascending order.
  [[nodiscard]] std::vector<Record> records(MailboxId mailbox, const UidSet& uids) const;
  /// Those of all mailboxes with this identity (not ""), in the order of mailboxes and UIDs.
  [[nodiscard]] std::vector<std::pair<MailboxId, Record>> records_of(const std::string& identity) const;
  /// The number of messages with state `present`; kept up with every change, so that it costs one look-up.
  [[nodiscard]] std::uint64_t count(MailboxId mailbox) const;
  /// Of all records, whatever their state.
  [[nodiscard]] UidSet uids(MailboxId mailbox) const;

  /// In the order they were made.
  [[nodiscard]] std::vector<Intent> intents(MailboxId mailbox) const;
  [[nodiscard]] std::vector<Orphan> orphans(MailboxId mailbox) const;

  /// When the user last approved deletions of this mailbox; the epoch: never.
  [[nodiscard]] std::chrono::sys_seconds deletions_approved(MailboxId mailbox) const;

  [[nodiscard]] std::optional<HeldDeletions> held(MailboxId mailbox) const;

  /// What happened, the latest first.
  enum class Visit : std::uint8_t { more, enough };
  void for_each_change(const std::function<Visit(const HistoryEntry&)>& visit) const;

 protected:
  friend class StateDb;
  ReadTxn(MDB_txn* txn, const Tables& tables) : txn_(txn), tables_(&tables) {}

  MDB_txn* txn_;
  const Tables* tables_;
};

/// All of it becomes durable together, or nothing does. Sees its own changes. Throws ErrorException (disk_full, io; protocol on a
/// text of more than 64 KiB), which `StateDb::write` turns into its result.
///
/// Each change of a record or of a mailbox goes into the history by itself, in the same transaction. A record that goes from one
/// mailbox and one with the same bytes that comes into another one are a move.
class WriteTxn : public ReadTxn {
 public:
  ~WriteTxn();
  WriteTxn(WriteTxn&&) = delete;

  /// Which side this transaction's changes come from, as the history tells it. The server's if nothing is said.
  void attribute_to(ChangeOrigin origin) { origin_ = origin; }

  void put(const Binding& binding);
  enum class Paused : std::uint8_t { no, yes };
  void put(Paused paused);
  void put(const DailyTraffic& traffic);

  MailboxId new_mailbox_id();
  void put(const MailboxState& mailbox);
  /// With its records, orphans and intents.
  void erase_mailbox(MailboxId id);

  void put(MailboxId mailbox, const Record& record);
  /// `resting`: where the file is now, relative to the attic; "" for nowhere.
  void erase(MailboxId mailbox, Uid uid, const std::string& resting = {});
  /// All of the mailbox's, in order to match it again: for the history nothing is removed by it. Its intents stay.
  void drop_records(MailboxId mailbox);

  void put_deletions_approved(MailboxId mailbox, std::chrono::sys_seconds time);

  /// This removal's message was brought back. Does nothing where the history doesn't reach so far back any more.
  void mark_restored(std::uint64_t change, const std::string& unique);

  /// Forgets the oldest changes, those of passes that began before then, and `at_most` so many. Returns how many.
  std::uint64_t purge_history(std::chrono::sys_seconds before, std::uint64_t at_most);

  /// None: nothing is held there any more. What was held already keeps the time since when it is.
  void put(MailboxId mailbox, HeldDeletions held);

  /// Gives a new intent (id 0) its number. Returns the number.
  std::uint64_t put(Intent intent);
  void erase_intent(std::uint64_t id);

  void put(MailboxId mailbox, const Orphan& orphan);
  /// `resting`: as above; with a place the history tells of a removal.
  void erase(MailboxId mailbox, const Orphan& orphan, const std::string& resting = {});

 private:
  WriteTxn(MDB_txn* txn, const Tables& tables);
  void index(MailboxId mailbox, const std::optional<Record>& before, const std::optional<Record>& after);
  void recount(MailboxId mailbox, const std::optional<Record>& before, std::optional<RecordState> after);
  void clear_records(MailboxId mailbox);
  HistoryEntry change_in(MailboxId mailbox);
  void write_history(PassMark& pass);

  friend class StateDb;
  ChangeOrigin origin_ = ChangeOrigin::remote;
  std::unique_ptr<ChangeNotes> notes_;
  std::map<MailboxId, MailboxState> called_;
};

/// Owns the environment; at most one for a directory in a process (the AccountLock sees to it). Thread-safe.
class StateDb {
 public:
  struct Options {
    std::uint64_t map_size = std::uint64_t{16} << 30;  ///< virtual: the most that the database can grow to, in bytes
  };

  /// Makes directory (0700) and database (0600) if they aren't there. Errors: configuration (made by a newer version), damaged,
  /// permission, disk_full, io.
  static Result<std::unique_ptr<StateDb>> open(const std::filesystem::path& directory, Options options);
  static Result<std::unique_ptr<StateDb>> open(const std::filesystem::path& directory) { return open(directory, Options{}); }
  /// Gives the database that nobody has open another name, which is returned ("state.mdb.damaged-N"): the next `open` makes a new one.
  static Result<std::filesystem::path> set_aside(const std::filesystem::path& directory);
  ~StateDb();
  StateDb(const StateDb&) = delete;
  StateDb& operator=(const StateDb&) = delete;

  /// Throws ErrorException, as the snapshot does.
  [[nodiscard]] ReadTxn read() const;

  /// Runs `change` in one transaction and makes it durable. One writer at a time; others wait. With an error, and when `change`
  /// throws, the former state stays whole; an ErrorException becomes the result, everything else passes through.
  Result<void> write(const std::function<void(WriteTxn&)>& change);

  /// What is written from now on belongs to a pass that began then. Waits for a write that is under way.
  void begin_pass(std::chrono::sys_seconds time);

 private:
  StateDb(MDB_env* env, std::string file);
  Result<void> open_environment(std::uint64_t map_size);
  Result<void> guard_against_truncation();
  Result<void> open_tables();

  MDB_env* env_;
  std::unique_ptr<Tables> tables_;
  std::mutex writing_;
  PassMark pass_;
};

}  // namespace mailmirror::store
