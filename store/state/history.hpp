// What happened to messages and mailboxes, as the state database remembers it for the attic's retention. The stored form is in
// store/README.md.
#pragma once

#include "store/state/records.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace mailmirror::store {

enum class ChangeKind : std::uint8_t { added, removed, flags_changed, moved, mailbox_created, mailbox_renamed, mailbox_removed };

/// Which side a change came from.
enum class ChangeOrigin : std::uint8_t {
  remote,  ///< the server had it first
  local,   ///< the Maildir had it first
  both,    ///< both sides came to it by themselves, or it only concerns what we know of them
};

/// One change of the base. Of a mailbox's changes only `mailbox`, `name` and `former` count.
struct HistoryEntry {
  std::uint64_t number = 0;  ///< ascending in the order of the changes; gives the entry its key
  std::uint64_t pass = 0;    ///< ascending; only passes that changed something have a number
  std::chrono::sys_seconds time{};  ///< when the pass began
  ChangeKind kind = ChangeKind::added;
  ChangeOrigin origin = ChangeOrigin::remote;
  MailboxId mailbox;
  std::string name;       ///< the mailbox's, in UTF-8, as it was called then
  std::string directory;  ///< the mailbox's, relative to the Maildir's root
  std::string former;     ///< `moved`: the mailbox that it came from; `mailbox_renamed`: what it was called before
  UidValidity uid_validity;
  Uid uid;
  std::string unique;  ///< the file's name before ":2,"
  Digest digest;       ///< of the file's bytes
  FlagSet before;
  FlagSet after;
  std::string resting;      ///< `removed`: the file with its bytes, relative to the attic; "": they rest nowhere
  std::string restored_as;  ///< `removed`: the name before ":2," under which it was brought back; "": it wasn't

  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

}  // namespace mailmirror::store
