#include "store/state/state_db.hpp"

#include "store/state/codec.hpp"

#include <fmt/format.h>
#include <lmdb.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mailmirror::store {

struct Tables {
  MDB_dbi meta = 0;
  MDB_dbi mailboxes = 0;
  MDB_dbi records = 0;
  MDB_dbi intents = 0;
  std::string file;
};

namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::string_view kVersionKey = "version";
constexpr std::string_view kBindingKey = "binding";
constexpr std::string_view kPausedKey = "paused";
constexpr std::string_view kNextMailboxKey = "next-mailbox";
constexpr std::string_view kNextIntentKey = "next-intent";

ErrorKind kind_of(int code) {
  switch (code) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT: return ErrorKind::disk_full;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorKind::permission;
    default: return ErrorKind::io;
  }
}

Error error_of(int code, const std::string& file) {
  return {kind_of(code), fmt::format("state database {}: {}", file, mdb_strerror(code))};
}

void check(int code, const Tables& tables) {
  if (code != MDB_SUCCESS) throw ErrorException(error_of(code, tables.file));
}

MDB_val val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
std::string_view view(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

void put_big_endian(char* out, std::uint64_t value, std::size_t size) {
  for (std::size_t n = 0; n < size; ++n) out[n] = static_cast<char>(value >> (8 * (size - 1 - n)));
}

std::uint64_t get_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

/// Mailbox id and UID, big-endian: a mailbox's records lie together, in order of UID.
struct RecordKey {
  std::array<char, 8> bytes{};
  RecordKey(MailboxId mailbox, Uid uid) {
    put_big_endian(bytes.data(), mailbox.value(), 4);
    put_big_endian(bytes.data() + 4, uid.value(), 4);
  }
  [[nodiscard]] std::string_view text() const { return {bytes.data(), bytes.size()}; }
};

std::string number_key(std::uint64_t value, std::size_t size) {
  std::string key(size, '\0');
  put_big_endian(key.data(), value, size);
  return key;
}

std::optional<std::string_view> get(MDB_txn* txn, MDB_dbi table, std::string_view key, const Tables& tables) {
  auto k = val(key);
  MDB_val value{};
  const int code = mdb_get(txn, table, &k, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, tables);
  return view(value);
}

void set(MDB_txn* txn, MDB_dbi table, std::string_view key, std::string_view bytes, const Tables& tables) {
  auto k = val(key);
  auto v = val(bytes);
  check(mdb_put(txn, table, &k, &v, 0), tables);
}

void remove(MDB_txn* txn, MDB_dbi table, std::string_view key, const Tables& tables) {
  auto k = val(key);
  const int code = mdb_del(txn, table, &k, nullptr);
  if (code != MDB_NOTFOUND) check(code, tables);
}

class Cursor {
 public:
  Cursor(MDB_txn* txn, MDB_dbi table, const Tables& tables) : tables_(tables) { check(mdb_cursor_open(txn, table, &cursor_), tables); }
  ~Cursor() { mdb_cursor_close(cursor_); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// At the first key that isn't less.
  bool seek(std::string_view at) {
    key_ = val(at);
    return found(mdb_cursor_get(cursor_, &key_, &value_, MDB_SET_RANGE));
  }
  bool next() { return found(mdb_cursor_get(cursor_, &key_, &value_, MDB_NEXT)); }
  void erase() { check(mdb_cursor_del(cursor_, 0), tables_); }

  [[nodiscard]] std::string_view key() const { return view(key_); }
  [[nodiscard]] std::string_view value() const { return view(value_); }

 private:
  bool found(int code) {
    if (code == MDB_NOTFOUND) return false;
    check(code, tables_);
    return true;
  }

  const Tables& tables_;
  MDB_cursor* cursor_ = nullptr;
  MDB_val key_{};
  MDB_val value_{};
};

template <class Decode>
auto decoded(Decode decode, std::string_view bytes, const Tables& tables) {
  try {
    return decode(bytes);
  } catch (const DamagedValue&) {
    throw ErrorException(Error(ErrorKind::io, fmt::format("state database {} is damaged. Move it away to begin anew: your mail stays, "
                                                          "on both sides", tables.file)));
  }
}

/// Visits keys and values of one mailbox's records while `visit` says so.
template <class Visit>
void walk(MDB_txn* txn, const Tables& tables, MailboxId mailbox, Uid from, Visit visit) {
  Cursor cursor(txn, tables.records, tables);
  const RecordKey first(mailbox, from);
  const auto prefix = first.text().substr(0, 4);
  for (bool more = cursor.seek(first.text()); more && cursor.key().substr(0, 4) == prefix; more = cursor.next())
    if (!visit(Uid{static_cast<std::uint32_t>(get_big_endian(cursor.key().substr(4)))}, cursor.value())) return;
}

}  // namespace

ReadTxn::ReadTxn(ReadTxn&& other) noexcept : txn_(std::exchange(other.txn_, nullptr)), tables_(other.tables_) {}

ReadTxn::~ReadTxn() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<Binding> ReadTxn::binding() const {
  const auto bytes = get(txn_, tables_->meta, kBindingKey, *tables_);
  if (!bytes) return std::nullopt;
  return decoded(decode_binding, *bytes, *tables_);
}

bool ReadTxn::paused() const { return get(txn_, tables_->meta, kPausedKey, *tables_).has_value(); }

std::vector<MailboxState> ReadTxn::mailboxes() const {
  std::vector<MailboxState> all;
  Cursor cursor(txn_, tables_->mailboxes, *tables_);
  for (bool more = cursor.seek(number_key(0, 4)); more; more = cursor.next())
    all.push_back(decoded(decode_mailbox, cursor.value(), *tables_));
  return all;
}

std::optional<MailboxState> ReadTxn::mailbox(MailboxId id) const {
  const auto bytes = get(txn_, tables_->mailboxes, number_key(id.value(), 4), *tables_);
  if (!bytes) return std::nullopt;
  return decoded(decode_mailbox, *bytes, *tables_);
}

std::optional<Record> ReadTxn::record(MailboxId mailbox, Uid uid) const {
  const auto bytes = get(txn_, tables_->records, RecordKey(mailbox, uid).text(), *tables_);
  if (!bytes) return std::nullopt;
  return decoded(decode_record, *bytes, *tables_);
}

void ReadTxn::for_each_record(MailboxId mailbox, const std::function<void(const Record&)>& visit) const {
  walk(txn_, *tables_, mailbox, Uid{0}, [&](Uid, std::string_view bytes) {
    visit(decoded(decode_record, bytes, *tables_));
    return true;
  });
}

std::vector<Record> ReadTxn::records(MailboxId mailbox, const UidSet& uids) const {
  std::vector<Record> found;
  for (const auto& range : uids.ranges())
    walk(txn_, *tables_, mailbox, range.first, [&](Uid uid, std::string_view bytes) {
      if (uid > range.last) return false;
      found.push_back(decoded(decode_record, bytes, *tables_));
      return true;
    });
  return found;
}

std::uint64_t ReadTxn::count(MailboxId mailbox) const {
  std::uint64_t count = 0;
  for_each_record(mailbox, [&](const Record& record) { count += record.state == RecordState::present ? 1 : 0; });
  return count;
}

UidSet ReadTxn::uids(MailboxId mailbox) const {
  UidSet uids;
  walk(txn_, *tables_, mailbox, Uid{0}, [&](Uid uid, std::string_view) {
    uids.insert(uid);
    return true;
  });
  return uids;
}

std::vector<Intent> ReadTxn::intents(MailboxId mailbox) const {
  std::vector<Intent> found;
  Cursor cursor(txn_, tables_->intents, *tables_);
  for (bool more = cursor.seek(number_key(0, 8)); more; more = cursor.next()) {
    auto intent = decoded(decode_intent, cursor.value(), *tables_);
    if (intent.mailbox == mailbox) found.push_back(std::move(intent));
  }
  return found;
}

void WriteTxn::put(const Binding& binding) { set(txn_, tables_->meta, kBindingKey, encode(binding), *tables_); }

void WriteTxn::put(Paused paused) {
  if (paused == Paused::yes)
    set(txn_, tables_->meta, kPausedKey, "1", *tables_);
  else
    remove(txn_, tables_->meta, kPausedKey, *tables_);
}

namespace {

/// Counts up the number stored under `key`; the first is 1.
std::uint64_t count_up(MDB_txn* txn, std::string_view key, const Tables& tables) {
  const auto before = get(txn, tables.meta, key, tables);
  const auto value = (before ? get_big_endian(*before) : 0) + 1;
  set(txn, tables.meta, key, number_key(value, 8), tables);
  return value;
}

}  // namespace

MailboxId WriteTxn::new_mailbox_id() { return MailboxId{static_cast<std::uint32_t>(count_up(txn_, kNextMailboxKey, *tables_))}; }

void WriteTxn::put(const MailboxState& mailbox) {
  set(txn_, tables_->mailboxes, number_key(mailbox.id.value(), 4), encode(mailbox), *tables_);
}

void WriteTxn::erase_mailbox(MailboxId id) {
  remove(txn_, tables_->mailboxes, number_key(id.value(), 4), *tables_);
  for (const auto& intent : intents(id)) erase_intent(intent.id);
  Cursor cursor(txn_, tables_->records, *tables_);
  const RecordKey first(id, Uid{0});
  const auto prefix = first.text().substr(0, 4);
  while (cursor.seek(first.text()) && cursor.key().substr(0, 4) == prefix) cursor.erase();
}

void WriteTxn::put(MailboxId mailbox, const Record& record) {
  set(txn_, tables_->records, RecordKey(mailbox, record.uid).text(), encode(record), *tables_);
}

void WriteTxn::erase(MailboxId mailbox, Uid uid) { remove(txn_, tables_->records, RecordKey(mailbox, uid).text(), *tables_); }

std::uint64_t WriteTxn::put(Intent intent) {
  if (intent.id == 0) intent.id = count_up(txn_, kNextIntentKey, *tables_);
  set(txn_, tables_->intents, number_key(intent.id, 8), encode(intent), *tables_);
  return intent.id;
}

void WriteTxn::erase_intent(std::uint64_t id) { remove(txn_, tables_->intents, number_key(id, 8), *tables_); }

StateDb::StateDb(MDB_env* env, std::filesystem::path file) : env_(env), file_(std::move(file)), tables_(std::make_unique<Tables>()) {
  tables_->file = file_.string();
}

StateDb::~StateDb() { mdb_env_close(env_); }

Result<std::unique_ptr<StateDb>> StateDb::open(const std::filesystem::path& directory, Options options) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) return error_from_errno(failure.value(), fmt::format("can't make the state directory {}", directory.string()));
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failure);
  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env); code != MDB_SUCCESS) return error_of(code, directory.string());
  std::unique_ptr<StateDb> db(new StateDb(env, directory / "state.mdb"));
  const auto prepared = [&]() -> Result<void> {
    for (const int code : {mdb_env_set_mapsize(env, options.map_size), mdb_env_set_maxdbs(env, 8), mdb_env_set_maxreaders(env, 126)})
      if (code != MDB_SUCCESS) return error_of(code, db->tables_->file);
    // NOSUBDIR names the data file itself; the lock file is then state.mdb-lock.
    const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;
    if (const int code = mdb_env_open(env, db->file_.c_str(), flags, 0600); code != MDB_SUCCESS) return error_of(code, db->tables_->file);
    return db->prepare();
  }();
  MAILMIRROR_TRY(prepared);
  return db;
}

Result<void> StateDb::prepare() {
  return write([this](WriteTxn& txn) {
    auto& t = *tables_;
    check(mdb_dbi_open(txn.txn_, "meta", MDB_CREATE, &t.meta), t);
    check(mdb_dbi_open(txn.txn_, "mailboxes", MDB_CREATE, &t.mailboxes), t);
    check(mdb_dbi_open(txn.txn_, "records", MDB_CREATE, &t.records), t);
    check(mdb_dbi_open(txn.txn_, "intents", MDB_CREATE, &t.intents), t);
    const auto version = get(txn.txn_, t.meta, kVersionKey, t);
    if (!version) return set(txn.txn_, t.meta, kVersionKey, number_key(kFormatVersion, 8), t);
    if (get_big_endian(*version) > kFormatVersion)
      throw ErrorException(Error(ErrorKind::configuration,
                                 fmt::format("the state database {} was made by a newer mailmirror (format {}, this one knows {}): "
                                             "install that version, or move the file away to begin anew",
                                             t.file, get_big_endian(*version), kFormatVersion)));
  });
}

ReadTxn StateDb::read() const {
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn), *tables_);
  return {txn, *tables_};
}

Result<void> StateDb::write(const std::function<void(WriteTxn&)>& change) {
  MDB_txn* raw = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, 0, &raw); code != MDB_SUCCESS) return error_of(code, tables_->file);
  WriteTxn txn(raw, *tables_);
  try {
    change(txn);
  } catch (const ErrorException& failure) {
    return failure.error();
  }
  if (const int code = mdb_txn_commit(std::exchange(txn.txn_, nullptr)); code != MDB_SUCCESS) return error_of(code, tables_->file);
  return ok();
}

}  // namespace mailmirror::store
