#include "sync/account/mailbox_counts.hpp"

namespace mailmirror::sync {

MailboxCounts count_messages(const store::ReadTxn& read, store::MailboxId mailbox) {
  MailboxCounts counts;
  read.for_each_record(mailbox, [&](const store::Record& record) {
    if (record.state != store::RecordState::present) return;
    ++counts.messages;
    if (!record.flags.contains(Flag::seen)) ++counts.unseen;
  });
  return counts;
}

}  // namespace mailmirror::sync
