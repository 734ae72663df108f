// What a pass did and what it couldn't do.
#pragma once

#include "sync/base/mailbox_name.hpp"
#include "sync/base/result.hpp"
#include "sync/base/uid_set.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::sync {

/// One mailbox as a pass left it.
struct MailboxReport {
  MailboxName name;
  std::string directory;
  std::uint64_t downloaded = 0;
  std::uint64_t uploaded = 0;
  std::uint64_t removed_locally = 0;
  std::uint64_t removed_remotely = 0;
  std::uint64_t trashed = 0;       ///< of those: they went to \Trash
  std::uint64_t flags_changed = 0;
  UidSet held;                     ///< deletions that wait for the user
  std::uint64_t orphans = 0;       ///< files of messages that the server lost: they wait for the user, too
  std::optional<Error> error;      ///< why the mailbox isn't equal on both sides now
  std::vector<std::string> notes;  ///< single messages that couldn't be transferred, and why
  /// The mailbox was changed on either side.
  [[nodiscard]] bool did_something() const { return downloaded + uploaded + removed_locally + removed_remotely + flags_changed > 0; }

  bool try_again_soon = false;     ///< something here is still being written, or was left out: look again in a moment
};

struct PassReport {
  std::vector<MailboxReport> mailboxes;
  bool look_everywhere = false;  ///< something waits for a pass over all mailboxes: let it follow soon
  std::uint64_t moved = 0;     ///< from mailbox to mailbox, in either direction
  std::optional<Error> error;  ///< the whole account failed: no server, no login, no Maildir

  /// Both sides are equal now.
  [[nodiscard]] bool clean() const {
    if (error) return false;
    for (const auto& mailbox : mailboxes)
      if (mailbox.error || !mailbox.held.empty() || mailbox.orphans > 0 || !mailbox.notes.empty()) return false;
    return true;
  }
};

}  // namespace mailmirror::sync
