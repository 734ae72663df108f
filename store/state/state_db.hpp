// The base tree on disk: one LMDB environment an account, in STATE_DIR/ACCOUNT (state.mdb, lock.mdb).
#pragma once

#include "store/state/records.hpp"
#include "sync/base/result.hpp"
#include "sync/base/uid_set.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct MDB_env;
struct MDB_txn;

namespace mailmirror::store {

class StateDb;
struct Tables;

/// A snapshot. Everything here blocks (it may read from the disk). Throws ErrorException(io) on a damaged database. May be used
/// on any one thread at a time; must end before its StateDb.
class ReadTxn {
 public:
  ReadTxn(ReadTxn&& other) noexcept;
  ReadTxn& operator=(ReadTxn&&) = delete;
  ~ReadTxn();

  [[nodiscard]] std::optional<Binding> binding() const;
  [[nodiscard]] bool paused() const;

  [[nodiscard]] std::vector<MailboxState> mailboxes() const;
  [[nodiscard]] std::optional<MailboxState> mailbox(MailboxId id) const;

  [[nodiscard]] std::optional<Record> record(MailboxId mailbox, Uid uid) const;
  /// In ascending order of UIDs.
  void for_each_record(MailboxId mailbox, const std::function<void(const Record&)>& visit) const;
  [[nodiscard]] std::vector<Record> records(MailboxId mailbox, const UidSet& uids) const;
  /// Messages with state `present`.
  [[nodiscard]] std::uint64_t count(MailboxId mailbox) const;
  /// Of all records, whatever their state.
  [[nodiscard]] UidSet uids(MailboxId mailbox) const;

  /// In the order they were made.
  [[nodiscard]] std::vector<Intent> intents(MailboxId mailbox) const;

 protected:
  friend class StateDb;
  ReadTxn(MDB_txn* txn, const Tables& tables) : txn_(txn), tables_(&tables) {}

  MDB_txn* txn_;
  const Tables* tables_;
};

/// All of it becomes durable together, or nothing does. Throws ErrorException (disk_full, io).
class WriteTxn : public ReadTxn {
 public:
  void put(const Binding& binding);
  enum class Paused : std::uint8_t { no, yes };
  void put(Paused paused);

  MailboxId new_mailbox_id();
  void put(const MailboxState& mailbox);
  /// With its records and intents.
  void erase_mailbox(MailboxId id);

  void put(MailboxId mailbox, const Record& record);
  void erase(MailboxId mailbox, Uid uid);

  /// Gives a new intent (id 0) its number. Returns the number.
  std::uint64_t put(Intent intent);
  void erase_intent(std::uint64_t id);

 private:
  friend class StateDb;
  using ReadTxn::ReadTxn;
};

/// Owns the environment; at most one for a directory in a process. Thread-safe. All of it blocks.
class StateDb {
 public:
  struct Options {
    std::uint64_t map_size = std::uint64_t{16} << 30;  ///< virtual: the most that the database can grow to
  };

  /// Makes directory (0700) and database (0600) if they aren't there. Errors: configuration (made by a newer version), io (damaged),
  /// permission, disk_full.
  static Result<std::unique_ptr<StateDb>> open(const std::filesystem::path& directory, Options options);
  static Result<std::unique_ptr<StateDb>> open(const std::filesystem::path& directory) { return open(directory, Options{}); }
  ~StateDb();
  StateDb(const StateDb&) = delete;
  StateDb& operator=(const StateDb&) = delete;

  [[nodiscard]] ReadTxn read() const;

  /// Runs `change` in one transaction and makes it durable. One writer at a time; others wait. With an error, and when `change`
  /// throws, the former state stays whole.
  Result<void> write(const std::function<void(WriteTxn&)>& change);

 private:
  StateDb(MDB_env* env, std::filesystem::path file);
  Result<void> prepare();

  MDB_env* env_;
  std::filesystem::path file_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace mailmirror::store
