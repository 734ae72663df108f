// A mailbox that a pass looks at, and what is known of it before.
#pragma once

#include "imap/wire/response.hpp"
#include "store/state/records.hpp"
#include "sync/account/mailbox_pass.hpp"
#include "sync/plan/policy.hpp"

#include <optional>

namespace mailmirror::sync {

struct Candidate {
  store::MailboxState state;
  Policy policy;
  RemoteHint remote = RemoteHint::look;
  /// What the server told just now; nullopt: nothing.
  std::optional<imap::wire::MailboxStatus> status;
  Sought sought;
};

}  // namespace mailmirror::sync
