// Directories that were deleted here, with `delete_mailboxes = true`: their mailboxes go on the server (semantics, hard case 8).
#pragma once

#include "imap/client/session.hpp"
#include "sync/account/account.hpp"
#include "sync/account/mailbox_deletions.hpp"
#include "sync/account/pass_report.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstdint>

namespace mailmirror::sync {

enum class Children : std::uint8_t { none, some };

/// The recorded messages are deleted there first, as `on_local_delete` says and as far as the guard lets them; DELETE follows only while the
/// mailbox then has no message and no child. `comes_again`: something remains (or the user wants it back), the base is gone, and the
/// directory is to be made anew. `held`: nothing was touched. Any mailbox may be selected on `session`, none is afterwards.
Task<Result<MailboxFate>> follow_directory_deletion(Account& account, AccountParts parts, store::MailboxState state, Policy policy,
                                                    GuardDecisions decisions, Children children, imap::client::Session& session,
                                                    MailboxReport& report);

}  // namespace mailmirror::sync
