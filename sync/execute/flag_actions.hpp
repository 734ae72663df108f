// Flag changes, on either side, as deltas: concurrent changes of others to other flags survive.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <cstdint>
#include <vector>

namespace mailmirror::sync {

struct LocallyFlagged {
  std::uint64_t changed = 0;
  std::uint64_t missing = 0;  ///< files that weren't there: their flags are neither changed nor recorded, the next pass must hear of them
};

/// Renames the files; durable, then recorded.
Task<Result<LocallyFlagged>> flag_locally(MailboxWork work, std::vector<FlagAction> actions);

/// What may be set on the server (PERMANENTFLAGS, RFC 3501 §7.1).
struct SettableFlags {
  FlagSet flags;
  bool any_keyword = false;

  [[nodiscard]] FlagSet only_settable(const FlagSet& wanted) const;
};

/// `UID STORE ±FLAGS.SILENT`, messages with the same change in one command; then recorded. The mailbox is selected on `session`.
/// Flags that the server can't keep stay local.
Task<Result<std::uint64_t>> flag_remotely(MailboxWork work, imap::client::Session& session, std::vector<FlagAction> actions,
                                          SettableFlags settable);

/// Both sides did it by themselves.
Task<Result<void>> record_flags(MailboxWork work, std::vector<FlagAction> actions);

}  // namespace mailmirror::sync
