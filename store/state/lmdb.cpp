#include "store/state/lmdb.hpp"

#include "store/state/keys.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace mailmirror::store {
namespace {

MDB_val val(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}
std::string_view view(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

}  // namespace

Error error_of_lmdb(int code, const std::string& file) {
  const auto what = fmt::format("state database {}", file);
  switch (code) {
    case MDB_MAP_FULL: return {ErrorKind::disk_full, what + ": has grown to its largest size"};
    case MDB_PANIC: return {ErrorKind::io, what + ": an earlier write failed. Restart mailmirrord once the disk works again"};
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_VALSIZE: return damaged(file);
    default: return code > 0 ? error_from_errno(code, what) : Error(ErrorKind::io, fmt::format("{}: {}", what, mdb_strerror(code)));
  }
}

Error damaged(const std::string& file) {
  return {ErrorKind::damaged,
          fmt::format("state database damaged: {}. At the next start it is kept aside and made anew from what both sides hold: your mail stays",
                      file)};
}

void check(int code, const Tables& tables) {
  if (code != MDB_SUCCESS) throw ErrorException(error_of_lmdb(code, tables.file));
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

void append(MDB_txn* txn, MDB_dbi table, std::string_view key, std::string_view bytes, const Tables& tables) {
  auto k = val(key);
  auto v = val(bytes);
  check(mdb_put(txn, table, &k, &v, MDB_APPEND), tables);
}

std::uint64_t count_up(MDB_txn* txn, std::string_view key, const Tables& tables, std::uint64_t by) {
  const auto before = get(txn, tables.meta, key, tables);
  const auto value = (before ? number_in(*before) : 0) + by;
  set(txn, tables.meta, key, NumberKey<8>(value).bytes(), tables);
  return value;
}

void remove(MDB_txn* txn, MDB_dbi table, std::string_view key, const Tables& tables) {
  auto k = val(key);
  const int code = mdb_del(txn, table, &k, nullptr);
  if (code != MDB_NOTFOUND) check(code, tables);
}

Cursor::Cursor(MDB_txn* txn, MDB_dbi table, const Tables& tables) : tables_(tables) {
  check(mdb_cursor_open(txn, table, &cursor_), tables);
}

Cursor::~Cursor() {
  mdb_cursor_close(cursor_);
}

bool Cursor::seek(std::string_view at) {
  key_ = val(at);
  return found(mdb_cursor_get(cursor_, &key_, &value_, MDB_SET_RANGE));
}

bool Cursor::next() {
  return found(mdb_cursor_get(cursor_, &key_, &value_, MDB_NEXT));
}

bool Cursor::last() {
  return found(mdb_cursor_get(cursor_, &key_, &value_, MDB_LAST));
}

bool Cursor::previous() {
  return found(mdb_cursor_get(cursor_, &key_, &value_, MDB_PREV));
}

void Cursor::erase() {
  check(mdb_cursor_del(cursor_, 0), tables_);
}

std::string_view Cursor::key() const {
  return view(key_);
}
std::string_view Cursor::value() const {
  return view(value_);
}

bool Cursor::found(int code) const {
  if (code == MDB_NOTFOUND) return false;
  check(code, tables_);
  return true;
}

}  // namespace mailmirror::store
