#include "sync/plan/mailbox_planner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::sync {
namespace {

class MailboxPlanner {
 public:
  explicit MailboxPlanner(const MailboxPlannerInput& input) : in_(input) {
    for (const auto& base : in_.base) base_.emplace(base.name, &base);
    for (const auto& folder : in_.local) local_.emplace(folder.directory, &folder);
    for (const auto& mailbox : in_.remote)
      if (mailbox.selectable == Selectable::yes) there_.insert(mailbox.name);
    // Who was there first keeps its directory, whatever the order of the list.
    for (const auto& base : in_.base)
      if (included(base.name) && (there_.contains(base.name) || local_.contains(base.directory))) owners_.emplace(base.directory, base.name);
  }

  MailboxPlan run() {
    for (const auto& mailbox : in_.remote) listed_there(mailbox);
    for (const auto& base : in_.base) known_before(base);
    for (const auto& folder : in_.local) standing_here(folder);
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool included(const MailboxName& name) const { return in_.included.contains(name); }

  void listed_there(const RemoteMailbox& mailbox) {
    if (mailbox.selectable == Selectable::no || !included(mailbox.name)) return;
    const auto owner = owners_.emplace(mailbox.directory, mailbox.name).first;
    if (owner->second != mailbox.name)
      return hold(mailbox.name, fmt::format("its directory {} belongs to the mailbox {} already; rename one of them on the server",
                                            mailbox.directory, owner->second.utf8()));
    const auto here = local_.find(mailbox.directory);
    const bool is_folder = here != local_.end() && here->second->kind == FolderKind::folder;
    const bool known = base_.contains(mailbox.name);
    if (known && here != local_.end() && !is_folder)
      return hold(mailbox.name, fmt::format("{} has lost its cur/ folder; restore it, or remove the whole directory to mirror it again",
                                            mailbox.directory));
    // INBOX can't be deleted (RFC 3501 §6.3.4).
    if (known && !is_folder && base_.at(mailbox.name)->deletable && !mailbox.name.is_inbox())
      return plan_.deleted_here.push_back(mailbox.name);
    if (known && !is_folder) plan_.mirror_again.push_back(mailbox.name);
    if (!is_folder) plan_.create_folder.push_back(mailbox);
    plan_.synchronize.push_back(mailbox);
  }

  /// In the base, but no longer on the server, or no longer wanted. What can't be selected any more was deleted and has children still
  /// (RFC 3501 §6.3.4): it holds no message.
  void known_before(const BaseMailbox& base) {
    if (!included(base.name)) return plan_.forget.push_back(base.name);
    if (there_.contains(base.name)) return;
    if (!local_.contains(base.directory)) return plan_.forget.push_back(base.name);
    // INBOX can't be deleted (RFC 3501 §5.1): a LIST without it is no word about it.
    if (base.name.is_inbox())
      hold(base.name, fmt::format("the server doesn't list INBOX; its {} message(s) stay in {} as they are", base.messages, base.directory));
    else
      plan_.deleted_there.push_back(base.name);
  }

  /// A folder that belongs to no mailbox yet: made here.
  void standing_here(const LocalFolder& folder) {
    if (folder.kind != FolderKind::folder || folder.name.empty() || owners_.contains(folder.directory)) return;
    if (!included(folder.name) || there_.contains(folder.name) || folder.upward == Upward::no) return;
    owners_.emplace(folder.directory, folder.name);
    plan_.create_mailbox.push_back(folder);
    plan_.synchronize.push_back({folder.name, Selectable::yes, folder.directory});
  }

  void hold(const MailboxName& name, std::string reason) { plan_.held.push_back({name, std::move(reason)}); }

  const MailboxPlannerInput& in_;
  std::map<MailboxName, const BaseMailbox*> base_;
  std::map<std::string, const LocalFolder*> local_;
  std::set<MailboxName> there_;  ///< and can be selected
  std::map<std::string, MailboxName> owners_;
  MailboxPlan plan_;
};

}  // namespace

MailboxPlan plan_mailboxes(const MailboxPlannerInput& input) { return MailboxPlanner(input).run(); }

}  // namespace mailmirror::sync
