// Where something may have changed. Events say where to look; a pass finds what changed.
#pragma once

#include "sync/base/mailbox_name.hpp"

#include <set>
#include <utility>

namespace mailmirror::daemon {

/// Gathered between two passes. `everything` also stands for the list of mailboxes itself.
class DirtySet {
 public:
  void add(const MailboxName& mailbox) { mailboxes_.insert(mailbox); }
  void add_everything() { everything_ = true; }

  [[nodiscard]] bool empty() const { return !everything_ && mailboxes_.empty(); }
  [[nodiscard]] bool everything() const { return everything_; }
  [[nodiscard]] const std::set<MailboxName>& mailboxes() const { return mailboxes_; }

  /// What was gathered; this set is empty afterwards.
  [[nodiscard]] DirtySet take() { return std::exchange(*this, DirtySet{}); }

 private:
  bool everything_ = false;
  std::set<MailboxName> mailboxes_;
};

}  // namespace mailmirror::daemon
