#include "store/state/change_notes.hpp"
#include "store/state/codec.hpp"
#include "store/state/keys.hpp"
#include "store/state/lmdb.hpp"
#include "store/state/state_db.hpp"

#include <utility>

namespace mailmirror::store {
namespace {

/// What `decode` makes of stored bytes.
template <class Decode>
auto decoded(const Tables& tables, Decode decode) {
  try {
    return decode();
  } catch (const DamagedValue&) {
    throw ErrorException(damaged(tables.file));
  }
}

/// Visits one mailbox's records from `from` on, while `visit` says so.
template <class Visit>
void walk(Cursor& cursor, MailboxId mailbox, Uid from, Visit visit) {
  const auto prefix = mailbox_key(mailbox);
  for (bool more = cursor.seek(record_key(mailbox, from).bytes()); more; more = cursor.next()) {
    const auto key = cursor.key();
    if (key.substr(0, prefix.bytes().size()) != prefix.bytes()) return;
    const Uid uid{static_cast<std::uint32_t>(number_in(key.substr(prefix.bytes().size())))};
    if (!visit(uid, cursor.value())) return;
  }
}

}  // namespace

ReadTxn::ReadTxn(ReadTxn&& other) noexcept : txn_(std::exchange(other.txn_, nullptr)), tables_(other.tables_) {}

ReadTxn::~ReadTxn() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<Binding> ReadTxn::binding() const {
  const auto bytes = get(txn_, tables_->meta, kBindingKey, *tables_);
  if (!bytes) return std::nullopt;
  return decoded(*tables_, [&] { return decode_binding(*bytes); });
}

bool ReadTxn::paused() const {
  return get(txn_, tables_->meta, kPausedKey, *tables_).has_value();
}

DailyTraffic ReadTxn::daily_traffic() const {
  const auto bytes = get(txn_, tables_->meta, kDailyTrafficKey, *tables_);
  if (!bytes) return {};
  return decoded(*tables_, [&] { return decode_daily_traffic(*bytes); });
}

std::vector<MailboxState> ReadTxn::mailboxes() const {
  std::vector<MailboxState> all;
  Cursor cursor(txn_, tables_->mailboxes, *tables_);
  for (bool more = cursor.seek(mailbox_key(MailboxId{}).bytes()); more; more = cursor.next())
    all.push_back(decoded(*tables_, [&] { return decode_mailbox(cursor.value()); }));
  return all;
}

std::optional<MailboxState> ReadTxn::mailbox(MailboxId id) const {
  const auto bytes = get(txn_, tables_->mailboxes, mailbox_key(id).bytes(), *tables_);
  if (!bytes) return std::nullopt;
  return decoded(*tables_, [&] { return decode_mailbox(*bytes); });
}

std::optional<Record> ReadTxn::record(MailboxId mailbox, Uid uid) const {
  const auto bytes = get(txn_, tables_->records, record_key(mailbox, uid).bytes(), *tables_);
  if (!bytes) return std::nullopt;
  return decoded(*tables_, [&] { return decode_record(uid, *bytes); });
}

void ReadTxn::for_each_record(MailboxId mailbox, const std::function<void(const Record&)>& visit) const {
  Cursor cursor(txn_, tables_->records, *tables_);
  walk(cursor, mailbox, Uid{}, [&](Uid uid, std::string_view bytes) {
    visit(decoded(*tables_, [&] { return decode_record(uid, bytes); }));
    return true;
  });
}

std::vector<Record> ReadTxn::records(MailboxId mailbox, const UidSet& uids) const {
  std::vector<Record> found;
  Cursor cursor(txn_, tables_->records, *tables_);
  for (const auto& range : uids.ranges())
    walk(cursor, mailbox, range.first, [&](Uid uid, std::string_view bytes) {
      if (uid > range.last) return false;
      found.push_back(decoded(*tables_, [&] { return decode_record(uid, bytes); }));
      return true;
    });
  return found;
}

std::vector<std::pair<MailboxId, Record>> ReadTxn::records_of(const std::string& identity) const {
  std::vector<std::pair<MailboxId, Record>> found;
  const auto prefix = identity_prefix(identity);
  if (prefix.empty()) return found;
  Cursor cursor(txn_, tables_->identities, *tables_);
  for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix); more = cursor.next()) {
    const auto place = number_in(cursor.key().substr(prefix.size()));
    const MailboxId mailbox{static_cast<std::uint32_t>(place >> 32)};
    auto one = record(mailbox, Uid{static_cast<std::uint32_t>(place)});
    if (!one || one->identity != identity) throw ErrorException(damaged(tables_->file));
    found.emplace_back(mailbox, std::move(*one));
  }
  return found;
}

std::uint64_t ReadTxn::count(MailboxId mailbox) const {
  const auto bytes = get(txn_, tables_->counts, mailbox_key(mailbox).bytes(), *tables_);
  return bytes ? number_in(*bytes) : 0;
}

UidSet ReadTxn::uids(MailboxId mailbox) const {
  UidSet uids;
  Cursor cursor(txn_, tables_->records, *tables_);
  walk(cursor, mailbox, Uid{}, [&](Uid uid, std::string_view) {
    uids.insert(uid);
    return true;
  });
  return uids;
}

std::vector<Intent> ReadTxn::intents(MailboxId mailbox) const {
  std::vector<Intent> found;
  Cursor cursor(txn_, tables_->intents, *tables_);
  for (bool more = cursor.seek(NumberKey<8>(0).bytes()); more; more = cursor.next()) {
    auto intent = decoded(*tables_, [&] { return decode_intent(cursor.value()); });
    if (intent.mailbox == mailbox) found.push_back(std::move(intent));
  }
  return found;
}

void WriteTxn::put(const Binding& binding) {
  set(txn_, tables_->meta, kBindingKey, encode(binding), *tables_);
}

void WriteTxn::put(Paused paused) {
  if (paused == Paused::yes)
    set(txn_, tables_->meta, kPausedKey, "1", *tables_);
  else
    remove(txn_, tables_->meta, kPausedKey, *tables_);
}

void WriteTxn::put(const DailyTraffic& traffic) {
  set(txn_, tables_->meta, kDailyTrafficKey, encode(traffic), *tables_);
}

WriteTxn::WriteTxn(MDB_txn* txn, const Tables& tables) : ReadTxn(txn, tables), notes_(std::make_unique<ChangeNotes>()) {}

WriteTxn::~WriteTxn() = default;

MailboxId WriteTxn::new_mailbox_id() {
  return MailboxId{static_cast<std::uint32_t>(count_up(txn_, kLastMailboxKey, *tables_))};
}

void WriteTxn::put(const MailboxState& mailbox) {
  const auto before = this->mailbox(mailbox.id);
  called_.insert_or_assign(mailbox.id, mailbox);
  if (!before || before->name != mailbox.name) {
    auto change = change_in(mailbox.id);
    change.kind = before ? ChangeKind::mailbox_renamed : ChangeKind::mailbox_created;
    if (before) change.former = before->name.utf8();
    notes_->mailbox(std::move(change));
  }
  set(txn_, tables_->mailboxes, mailbox_key(mailbox.id).bytes(), encode(mailbox), *tables_);
}

void WriteTxn::erase_mailbox(MailboxId id) {
  remove(txn_, tables_->meta, approved_key(id), *tables_);
  if (mailbox(id)) {
    auto change = change_in(id);
    change.kind = ChangeKind::mailbox_removed;
    notes_->mailbox(std::move(change));
  }
  remove(txn_, tables_->mailboxes, mailbox_key(id).bytes(), *tables_);
  for (const auto& intent : intents(id)) erase_intent(intent.id);
  for (const auto& orphan : orphans(id)) erase(id, orphan);
  put(id, HeldDeletions{});
  clear_records(id);
}

void WriteTxn::put(MailboxId mailbox, const Record& record) {
  const auto before = this->record(mailbox, record.uid);
  recount(mailbox, before, record.state);
  index(mailbox, before, record);
  notes_->record(change_in(mailbox), before, record);
  set(txn_, tables_->records, record_key(mailbox, record.uid).bytes(), encode(record), *tables_);
}

void WriteTxn::erase(MailboxId mailbox, Uid uid, const std::string& resting) {
  const auto before = record(mailbox, uid);
  recount(mailbox, before, std::nullopt);
  index(mailbox, before, std::nullopt);
  auto change = change_in(mailbox);
  change.resting = resting;
  notes_->record(std::move(change), before, std::nullopt);
  remove(txn_, tables_->records, record_key(mailbox, uid).bytes(), *tables_);
}

/// Called before a record comes, changes or goes (`after` is nullopt).
void WriteTxn::recount(MailboxId mailbox, const std::optional<Record>& record_before, std::optional<RecordState> after) {
  const bool was = record_before && record_before->state == RecordState::present;
  const bool will_be = after == RecordState::present;
  if (was == will_be) return;
  const auto before = count(mailbox);
  if (was && before == 0) throw ErrorException(damaged(tables_->file));
  set(txn_, tables_->counts, mailbox_key(mailbox).bytes(), NumberKey<8>(was ? before - 1 : before + 1).bytes(), *tables_);
}

void WriteTxn::index(MailboxId mailbox, const std::optional<Record>& before, const std::optional<Record>& after) {
  const auto key_of = [&](const std::optional<Record>& record) {
    const bool indexed = record && !identity_prefix(record->identity).empty();
    return indexed ? identity_key(record->identity, mailbox, record->uid) : std::string();
  };
  const auto was = key_of(before);
  const auto is = key_of(after);
  if (was == is) return;
  if (!was.empty()) remove(txn_, tables_->identities, was, *tables_);
  if (!is.empty()) set(txn_, tables_->identities, is, {}, *tables_);
}

void WriteTxn::drop_records(MailboxId mailbox) {
  const auto of = change_in(mailbox);
  for_each_record(mailbox, [&](const Record& record) { notes_->dropped(of, record); });
  put(mailbox, HeldDeletions{});
  clear_records(mailbox);
}

void WriteTxn::clear_records(MailboxId mailbox) {
  const auto prefix = mailbox_key(mailbox);
  remove(txn_, tables_->counts, prefix.bytes(), *tables_);
  for_each_record(mailbox, [&](const Record& record) { index(mailbox, record, std::nullopt); });
  Cursor cursor(txn_, tables_->records, *tables_);
  const auto first = record_key(mailbox, Uid{});
  while (cursor.seek(first.bytes()) && cursor.key().substr(0, prefix.bytes().size()) == prefix.bytes()) cursor.erase();
}

std::uint64_t WriteTxn::put(Intent intent) {
  if (intent.id == 0) intent.id = count_up(txn_, kLastIntentKey, *tables_);
  set(txn_, tables_->intents, NumberKey<8>(intent.id).bytes(), encode(intent), *tables_);
  return intent.id;
}

void WriteTxn::erase_intent(std::uint64_t id) {
  remove(txn_, tables_->intents, NumberKey<8>(id).bytes(), *tables_);
}

}  // namespace mailmirror::store
