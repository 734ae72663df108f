// Orphans in the state database: key mailbox, UIDVALIDITY, UID; value as a record's.
#include "store/state/change_notes.hpp"
#include "store/state/codec.hpp"
#include "store/state/keys.hpp"
#include "store/state/lmdb.hpp"
#include "store/state/state_db.hpp"

namespace mailmirror::store {
namespace {

std::string orphan_key(MailboxId mailbox, UidValidity uid_validity, Uid uid) {
  return std::string(mailbox_key(mailbox).bytes()) + std::string(NumberKey<4>(uid_validity.value()).bytes()) +
         std::string(NumberKey<4>(uid.value()).bytes());
}

}  // namespace

std::vector<Orphan> ReadTxn::orphans(MailboxId mailbox) const {
  std::vector<Orphan> found;
  const auto prefix = mailbox_key(mailbox);
  Cursor cursor(txn_, tables_->orphans, *tables_);
  for (bool more = cursor.seek(prefix.bytes()); more; more = cursor.next()) {
    const auto key = cursor.key();
    if (!key.starts_with(prefix.bytes())) break;
    if (key.size() != 12) throw ErrorException(damaged(tables_->file));
    const auto numbers = number_in(key.substr(4));
    Orphan orphan;
    orphan.uid_validity = UidValidity{static_cast<std::uint32_t>(numbers >> 32)};
    try {
      orphan.record = decode_record(Uid{static_cast<std::uint32_t>(numbers)}, cursor.value());
    } catch (const DamagedValue&) {
      throw ErrorException(damaged(tables_->file));
    }
    found.push_back(std::move(orphan));
  }
  return found;
}

void WriteTxn::put(MailboxId mailbox, const Orphan& orphan) {
  set(txn_, tables_->orphans, orphan_key(mailbox, orphan.uid_validity, orphan.record.uid), encode(orphan.record), *tables_);
}

void WriteTxn::erase(MailboxId mailbox, const Orphan& orphan, const std::string& resting) {
  if (!resting.empty()) {
    auto change = change_in(mailbox);
    change.uid_validity = orphan.uid_validity;
    change.resting = resting;
    notes_->record(std::move(change), orphan.record, std::nullopt);
  }
  remove(txn_, tables_->orphans, orphan_key(mailbox, orphan.uid_validity, orphan.record.uid), *tables_);
}

}  // namespace mailmirror::store
