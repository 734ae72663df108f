// What we need of LMDB, with its codes turned into Errors. For this folder only.
#pragma once

#include "sync/base/result.hpp"

#include <lmdb.h>

#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::store {

/// The handles of the named databases (store/README.md, "State"), and the file's name for messages. Never changes once opened.
struct Tables {
  MDB_dbi meta = 0;
  MDB_dbi mailboxes = 0;
  MDB_dbi records = 0;
  MDB_dbi counts = 0;
  MDB_dbi intents = 0;
  MDB_dbi orphans = 0;
  MDB_dbi history = 0;
  MDB_dbi held = 0;
  MDB_dbi identities = 0;
  std::string file;
};

/// Kinds: disk_full, permission, io, damaged.
Error error_of_lmdb(int code, const std::string& file);
Error damaged(const std::string& file);

/// Throws ErrorException unless `code` means success.
void check(int code, const Tables& tables);

/// The bytes stay valid until the next change in this transaction, or its end.
std::optional<std::string_view> get(MDB_txn* txn, MDB_dbi table, std::string_view key, const Tables& tables);
void set(MDB_txn* txn, MDB_dbi table, std::string_view key, std::string_view bytes, const Tables& tables);
/// For keys that are greater than all there are: much cheaper than `set`.
void append(MDB_txn* txn, MDB_dbi table, std::string_view key, std::string_view bytes, const Tables& tables);
/// Adds `by` to the number under `key` of the database "meta", and returns it; the first is 1.
std::uint64_t count_up(MDB_txn* txn, std::string_view key, const Tables& tables, std::uint64_t by = 1);
/// Does nothing where there is no such key.
void remove(MDB_txn* txn, MDB_dbi table, std::string_view key, const Tables& tables);

/// Must end before its transaction.
class Cursor {
 public:
  Cursor(MDB_txn* txn, MDB_dbi table, const Tables& tables);
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// To the first key that isn't less than `at`; false: there is none.
  bool seek(std::string_view at);
  bool next();
  /// To the last key; false: there is none.
  bool last();
  bool previous();
  void erase();

  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] std::string_view value() const;

 private:
  bool found(int code) const;

  const Tables& tables_;
  MDB_cursor* cursor_ = nullptr;
  MDB_val key_{};
  MDB_val value_{};
};

}  // namespace mailmirror::store
