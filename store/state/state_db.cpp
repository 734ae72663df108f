#include "store/state/state_db.hpp"

#include "store/state/change_notes.hpp"
#include "store/state/keys.hpp"
#include "store/state/lmdb.hpp"
#include "store/state/private_directory.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace mailmirror::store {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr unsigned kMostReaders = 126;
constexpr unsigned kMostTables = 16;

Error made_by_newer(std::uint64_t version, const std::string& file) {
  return {ErrorKind::configuration,
          fmt::format("the state database {} was made by a newer mailmirror (format {}, this one knows {}): "
                      "install that version, or move the file away to begin anew",
                      file, version, kFormatVersion)};
}

/// A database is made with its version; an unknown one is touched no further.
void check_version(MDB_txn* txn, const Tables& tables) {
  const auto bytes = get(txn, tables.meta, kVersionKey, tables);
  if (!bytes) return set(txn, tables.meta, kVersionKey, NumberKey<8>(kFormatVersion).bytes(), tables);
  const auto version = number_in(*bytes);
  if (version > kFormatVersion) throw ErrorException(made_by_newer(version, tables.file));
  if (version == 0) throw ErrorException(damaged(tables.file));
}

}  // namespace

StateDb::StateDb(MDB_env* env, std::string file) : env_(env), tables_(std::make_unique<Tables>()) {
  tables_->file = std::move(file);
}

StateDb::~StateDb() {
  mdb_env_close(env_);
}

Result<std::unique_ptr<StateDb>> StateDb::open(const std::filesystem::path& directory, Options options) {
  const auto made = make_private_directory(directory);
  MAILMIRROR_TRY(made);
  const auto file = (directory / "state.mdb").string();
  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env); code != MDB_SUCCESS) return error_of_lmdb(code, file);
  std::unique_ptr<StateDb> db(new StateDb(env, file));
  const auto opened = db->open_environment(options.map_size);
  MAILMIRROR_TRY(opened);
  const auto guarded = db->guard_against_truncation();
  MAILMIRROR_TRY(guarded);
  const auto ready = db->open_tables();
  MAILMIRROR_TRY(ready);
  const auto durable = sync_directory(directory);
  MAILMIRROR_TRY(durable);
  return db;
}

Result<std::filesystem::path> StateDb::set_aside(const std::filesystem::path& directory) {
  const auto file = directory / "state.mdb";
  std::error_code failure;
  for (int n = 1;; ++n) {
    auto kept = file;
    kept += fmt::format(".damaged-{}", n);
    if (std::filesystem::exists(kept, failure)) continue;
    std::filesystem::rename(file, kept, failure);
    if (failure) return error_from_errno(failure.value(), fmt::format("keep {} aside", file.string()));
    auto lock = file;
    lock += "-lock";
    std::filesystem::remove(lock, failure);
    const auto durable = sync_directory(directory);
    MAILMIRROR_TRY(durable);
    return kept;
  }
}

Result<void> StateDb::open_environment(std::uint64_t map_size) {
  for (const int code :
       {mdb_env_set_mapsize(env_, map_size), mdb_env_set_maxdbs(env_, kMostTables), mdb_env_set_maxreaders(env_, kMostReaders)})
    if (code != MDB_SUCCESS) return error_of_lmdb(code, tables_->file);
  // NOTLS: snapshots may move between the store's threads. NORDAHEAD: records are read here and there.
  constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;
  const int code = mdb_env_open(env_, tables_->file.c_str(), kFlags, 0600);
  if (code != MDB_SUCCESS) return error_of_lmdb(code, tables_->file);
  return ok();
}

/// Reading a mapped page beyond the file's end would kill the process. Where the file is shorter than its own account of itself (a
/// copy that was cut off), it is filled up with zeros: no valid page looks so, LMDB tells it as corruption.
Result<void> StateDb::guard_against_truncation() {
  MDB_envinfo info{};
  MDB_stat pages{};
  int file = -1;
  for (const int code : {mdb_env_info(env_, &info), mdb_env_stat(env_, &pages), mdb_env_get_fd(env_, &file)})
    if (code != MDB_SUCCESS) return error_of_lmdb(code, tables_->file);
  const auto needed = static_cast<off_t>((info.me_last_pgno + 1) * pages.ms_psize);
  struct stat status {};
  if (fstat(file, &status) != 0 || (status.st_size < needed && ftruncate(file, needed) != 0))
    return error_from_errno(errno, fmt::format("state database {}", tables_->file));
  return ok();
}

Result<void> StateDb::open_tables() {
  auto& tables = *tables_;
  auto change = [&](WriteTxn& txn) {
    check(mdb_dbi_open(txn.txn_, "meta", MDB_CREATE, &tables.meta), tables);
    check_version(txn.txn_, tables);
    const std::array<std::pair<const char*, MDB_dbi*>, 8> others{{{"mailboxes", &tables.mailboxes},
                                                                  {"records", &tables.records},
                                                                  {"counts", &tables.counts},
                                                                  {"intents", &tables.intents},
                                                                  {"orphans", &tables.orphans},
                                                                  {"history", &tables.history},
                                                                  {"held", &tables.held},
                                                                  {"identities", &tables.identities}}};
    for (const auto& [name, handle] : others) check(mdb_dbi_open(txn.txn_, name, MDB_CREATE, handle), tables);
  };
  return write(change);
}

ReadTxn StateDb::read() const {
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn), *tables_);
  return {txn, *tables_};
}

Result<void> StateDb::write(const std::function<void(WriteTxn&)>& change) {
  const std::lock_guard lock(writing_);
  MDB_txn* raw = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, 0, &raw); code != MDB_SUCCESS) return error_of_lmdb(code, tables_->file);
  WriteTxn txn(raw, *tables_);
  auto pass = pass_;
  try {
    change(txn);
    txn.write_history(pass);
  } catch (const ErrorException& failure) {
    return failure.error();
  }
  if (const int code = mdb_txn_commit(std::exchange(txn.txn_, nullptr)); code != MDB_SUCCESS)
    return error_of_lmdb(code, tables_->file);
  pass_ = pass;
  return ok();
}

void StateDb::begin_pass(std::chrono::sys_seconds time) {
  const std::lock_guard lock(writing_);
  pass_ = {0, time};
}

}  // namespace mailmirror::store
