// Held deletions in the state database: key mailbox, value HeldDeletions.
#include "store/state/codec.hpp"
#include "store/state/keys.hpp"
#include "store/state/lmdb.hpp"
#include "store/state/state_db.hpp"

namespace mailmirror::store {

std::optional<HeldDeletions> ReadTxn::held(MailboxId mailbox) const {
  const auto bytes = get(txn_, tables_->held, mailbox_key(mailbox).bytes(), *tables_);
  if (!bytes) return std::nullopt;
  try {
    return decode_held(*bytes);
  } catch (const DamagedValue&) {
    throw ErrorException(damaged(tables_->file));
  }
}

void WriteTxn::put(MailboxId mailbox, HeldDeletions held) {
  const auto key = mailbox_key(mailbox);
  if (held.empty()) return remove(txn_, tables_->held, key.bytes(), *tables_);
  if (const auto before = this->held(mailbox); before && before->uid_validity == held.uid_validity) held.since = before->since;
  set(txn_, tables_->held, key.bytes(), encode(held), *tables_);
}

}  // namespace mailmirror::store
