// The decisions about whole mailboxes, settled for the complete LIST before any message is planned. A pure function.
#pragma once

#include "sync/base/mailbox_name.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::sync {

enum class Selectable : std::uint8_t { yes, no };

/// A mailbox that the server lists.
struct RemoteMailbox {
  MailboxName name;
  Selectable selectable = Selectable::yes;
  std::string directory;  ///< where it belongs in the Maildir, by layout and encoding, or as the base remembers it
};

/// A mailbox that both sides had at the last pass.
struct BaseMailbox {
  MailboxName name;
  std::string directory;
  std::uint64_t messages = 0;
  bool deletable = false;  ///< by `delete_mailboxes`: when its directory is gone here, it goes there
};

/// What stands in the Maildir at a relative directory.
enum class FolderKind : std::uint8_t {
  folder,     ///< has cur/
  container,  ///< a directory without cur/: only holds other folders
};

/// Whether the server may be told of what was done here (`pull` and `archive` write nothing there).
enum class Upward : std::uint8_t { yes, no };

struct LocalFolder {
  std::string directory;
  FolderKind kind = FolderKind::folder;
  MailboxName name;  ///< the mailbox that it would be; empty where the directory's name can't be one
  Upward upward = Upward::yes;
};

struct MailboxPlannerInput {
  const std::vector<RemoteMailbox>& remote;
  const std::vector<BaseMailbox>& base;
  const std::vector<LocalFolder>& local;
  const std::set<MailboxName>& included;  ///< which names the configuration takes part in (of all three lists)
};

/// A mailbox that can't be synchronized now, and why, in words for the user.
struct MailboxProblem {
  MailboxName name;
  std::string reason;
};

/// What is to be done before the messages of `synchronize` are looked at, in the order of the members.
struct MailboxPlan {
  std::vector<MailboxName> forget;            ///< gone on both sides, or excluded by configuration: the base goes, no file is touched
  std::vector<MailboxName> deleted_here;      ///< its directory is gone here: its recorded messages go there, then it
  std::vector<MailboxName> mirror_again;      ///< as before, where that isn't wanted: its base goes, then as new
  std::vector<RemoteMailbox> create_folder;   ///< new there: a directory, also if the mailbox is empty
  std::vector<LocalFolder> create_mailbox;    ///< new here: CREATE and SUBSCRIBE
  std::vector<RemoteMailbox> synchronize;     ///< on both sides after that
  std::vector<MailboxName> deleted_there;     ///< the server no longer has it; its files stand here
  std::vector<MailboxProblem> held;           ///< nothing is touched; the user decides
};

/// Renames were settled before. Clashing mailboxes are held: nothing is removed on either side by this function's word.
MailboxPlan plan_mailboxes(const MailboxPlannerInput& input);

}  // namespace mailmirror::sync
