// The history in the state database: key an ascending number, value a HistoryEntry. Entries are only ever added at the end, removed
// from the front, and marked once they were undone.
#include "store/state/change_notes.hpp"
#include "store/state/codec.hpp"
#include "store/state/keys.hpp"
#include "store/state/lmdb.hpp"
#include "store/state/state_db.hpp"

namespace mailmirror::store {
namespace {

HistoryEntry entry_of(std::string_view key, std::string_view value, const Tables& tables) {
  try {
    auto entry = decode_history(value);
    entry.number = number_in(key);
    return entry;
  } catch (const DamagedValue&) {
    throw ErrorException(damaged(tables.file));
  }
}

HistoryEntry entry_at(const Cursor& cursor, const Tables& tables) { return entry_of(cursor.key(), cursor.value(), tables); }

}  // namespace

void ReadTxn::for_each_change(const std::function<Visit(const HistoryEntry&)>& visit) const {
  Cursor cursor(txn_, tables_->history, *tables_);
  for (bool more = cursor.last(); more; more = cursor.previous())
    if (visit(entry_at(cursor, *tables_)) == Visit::enough) return;
}

std::chrono::sys_seconds ReadTxn::deletions_approved(MailboxId mailbox) const {
  const auto bytes = get(txn_, tables_->meta, approved_key(mailbox), *tables_);
  return std::chrono::sys_seconds(std::chrono::seconds(bytes ? static_cast<std::int64_t>(number_in(*bytes)) : 0));
}

void WriteTxn::put_deletions_approved(MailboxId mailbox, std::chrono::sys_seconds time) {
  const auto seconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  set(txn_, tables_->meta, approved_key(mailbox), NumberKey<8>(seconds).bytes(), *tables_);
}

HistoryEntry WriteTxn::change_in(MailboxId mailbox) {
  auto known = called_.find(mailbox);
  if (known == called_.end()) known = called_.emplace(mailbox, this->mailbox(mailbox).value_or(MailboxState{})).first;
  HistoryEntry entry;
  entry.origin = origin_;
  entry.mailbox = mailbox;
  entry.name = known->second.name.utf8();
  entry.directory = known->second.directory;
  entry.uid_validity = known->second.uid_validity;
  return entry;
}

void WriteTxn::write_history(PassMark& pass) {
  auto entries = notes_->take();
  if (entries.empty()) return;
  if (pass.number == 0) pass.number = count_up(txn_, kLastPassKey, *tables_);
  auto number = count_up(txn_, kLastChangeKey, *tables_, entries.size()) - entries.size();
  for (auto& entry : entries) {
    entry.pass = pass.number;
    entry.time = pass.time;
    append(txn_, tables_->history, NumberKey<8>(++number).bytes(), encode(entry), *tables_);
  }
}

void WriteTxn::mark_restored(std::uint64_t change, const std::string& unique) {
  const NumberKey<8> key(change);
  const auto value = get(txn_, tables_->history, key.bytes(), *tables_);
  if (!value) return;
  auto entry = entry_of(key.bytes(), *value, *tables_);
  entry.restored_as = unique;
  set(txn_, tables_->history, key.bytes(), encode(entry), *tables_);
}

std::uint64_t WriteTxn::purge_history(std::chrono::sys_seconds before, std::uint64_t at_most) {
  std::uint64_t gone = 0;
  Cursor cursor(txn_, tables_->history, *tables_);
  const auto first = NumberKey<8>(0);
  while (gone < at_most && cursor.seek(first.bytes()) && entry_at(cursor, *tables_).time < before) {
    cursor.erase();
    ++gone;
  }
  return gone;
}

}  // namespace mailmirror::store
