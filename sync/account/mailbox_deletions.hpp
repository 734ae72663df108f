// Mailboxes that the server no longer has: their files rest in the attic, as a message's would (semantics, the table and hard case 8).
#pragma once

#include "sync/account/account.hpp"
#include "sync/account/pass_report.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/policy.hpp"

#include <cstdint>

namespace mailmirror::sync {

enum class MailboxFate : std::uint8_t {
  gone,         ///< files in the attic, directory and base removed
  held,         ///< so many messages at once wait for the user's word; nothing was touched
  kept,         ///< by policy nothing is ever removed here
  comes_again,  ///< files are left that the server never had, or the user wants it back: without a base it is a new mailbox of ours
};

/// The mailbox isn't in a complete LIST and has no new name. A deletion of ten messages or more, or of more than `guard_messages`, is
/// held until `decisions` approve all of it; a rejected one comes again. `report` gets what was done.
Task<Result<MailboxFate>> follow_deletion(Account& account, AccountParts parts, store::MailboxState state, Policy policy,
                                          GuardDecisions decisions, MailboxReport& report);

}  // namespace mailmirror::sync
