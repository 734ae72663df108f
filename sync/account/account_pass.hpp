// One pass over an account, or over the mailboxes where something may have changed.
#pragma once

#include "sync/account/account.hpp"
#include "sync/account/mailbox_pass.hpp"
#include "sync/account/pass_report.hpp"
#include "sync/account/session_source.hpp"

#include <map>
#include <set>

namespace mailmirror::sync {

/// Where to look.
struct PassScope {
  bool everything = true;           ///< the list of mailboxes too
  std::set<MailboxName> mailboxes;  ///< else just these, of those that the base knows
  std::map<MailboxName, imap::wire::MailboxStatus> statuses;  ///< of those, as the server told it just now
  std::map<MailboxName, LocalHint> local;
  std::map<MailboxName, GuardDecisions> decisions;
};

/// What the mailboxes' checkpoints say about the server's side without a SELECT: STATUS of each, from LIST-STATUS or NOTIFY.
/// Mailboxes run side by side on as many sessions as `sessions` has. Nothing is thrown but a cancellation and bugs.
Task<PassReport> run_pass(Account& account, PassObserver& observer, SessionSource& sessions, PassScope scope);

}  // namespace mailmirror::sync
