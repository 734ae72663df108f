// Where something may have changed. Events say where to look; a pass finds what changed.
#pragma once

#include "imap/wire/response.hpp"
#include "sync/base/mailbox_name.hpp"

#include <map>
#include <set>
#include <utility>

namespace mailmirror::daemon {

/// Gathered between two passes. `everything` also stands for the list of mailboxes itself.
class DirtySet {
 public:
  void add(const MailboxName& mailbox) {
    mailboxes_.insert(mailbox);
    statuses_.erase(mailbox);
    asked_.insert(mailbox);
  }
  /// The server told how the mailbox is now: if that equals the checkpoint, there is nothing to look at there.
  void add(const MailboxName& mailbox, const imap::wire::MailboxStatus& status) {
    mailboxes_.insert(mailbox);
    if (!asked_.contains(mailbox)) statuses_.insert_or_assign(mailbox, status);
  }
  void add_everything() { everything_ = true; }

  [[nodiscard]] bool empty() const { return !everything_ && mailboxes_.empty(); }
  [[nodiscard]] bool everything() const { return everything_; }
  [[nodiscard]] const std::set<MailboxName>& mailboxes() const { return mailboxes_; }

  [[nodiscard]] const std::map<MailboxName, imap::wire::MailboxStatus>& statuses() const { return statuses_; }

  /// What was gathered; this set is empty afterwards.
  [[nodiscard]] DirtySet take() { return std::exchange(*this, DirtySet{}); }

 private:
  bool everything_ = false;
  std::set<MailboxName> mailboxes_;
  std::set<MailboxName> asked_;
  std::map<MailboxName, imap::wire::MailboxStatus> statuses_;
};

}  // namespace mailmirror::daemon
