// Everything that the carrying-out of one mailbox's plan works with, in one place. References: the mailbox pass owns it all.
#pragma once

#include "imap/client/session.hpp"
#include "store/files/attic.hpp"
#include "store/files/keywords.hpp"
#include "store/files/maildir.hpp"
#include "store/state/state_db.hpp"
#include "sync/account/pass_events.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/log.hpp"
#include "sync/base/random.hpp"
#include "sync/execute/download_claims.hpp"
#include "sync/plan/policy.hpp"

#include <string>

namespace mailmirror::sync {

/// What all mailboxes of an account share. Outlives every pass.
struct AccountParts {
  store::Disk& disk;
  store::StateDb& db;
  store::Attic& attic;
  BlockingPool& pool;
  Clock& clock;
  Random& random;
  Log& log;
  PassObserver& observer;
  DownloadClaims& claims;
  std::string account_tag;  ///< 8 hexadecimal digits that stand for host and user in file names
  std::string host_name;    ///< this machine's, as it stands in file names
  std::string root;         ///< the Maildir's root, for paths told to the user
};

/// One mailbox in one pass.
struct MailboxWork {
  AccountParts& account;
  store::MailboxState& state;
  store::MaildirFolder& folder;
  store::KeywordTable& keywords;
  const Policy& policy;

  [[nodiscard]] PassEvent event(PassEvent::Kind kind) const {
    PassEvent event{kind, state.name, Origin::remote, {}, {}, {}, 0, 0, 0, {}};
    return event;
  }
  void tell(const PassEvent& event) const { account.observer.on_event(event); }
};

}  // namespace mailmirror::sync
