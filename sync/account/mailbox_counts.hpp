// How many messages a mailbox has, by its base.
#pragma once

#include "store/state/state_db.hpp"

#include <cstdint>

namespace mailmirror::sync {

struct MailboxCounts {
  std::uint64_t messages = 0;
  std::uint64_t unseen = 0;
};

/// Blocking; looks at every record of the mailbox.
MailboxCounts count_messages(const store::ReadTxn& read, store::MailboxId mailbox);

}  // namespace mailmirror::sync
