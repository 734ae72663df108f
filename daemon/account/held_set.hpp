// What waits for the user's word in each mailbox of an account, as the last look at it told.
#pragma once

#include "store/state/state_db.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/plan/policy.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace mailmirror::daemon {

enum class HeldDecision { approve, reject };

class HeldSet {
 public:
  /// In the place of what was known of that mailbox.
  void note(const MailboxName& mailbox, UidSet deletions, std::uint64_t orphans) {
    const bool any = !deletions.empty() || orphans > 0;
    if (any)
      held_.insert_or_assign(mailbox, Held{std::move(deletions), orphans});
    else
      held_.erase(mailbox);
  }
  /// As the state database remembers it. BLOCKS.
  void note(const store::ReadTxn& read, const store::MailboxState& state) {
    const auto held = read.held(state.id).value_or(store::HeldDeletions{});
    note(state.name, held.on_server | held.here, read.orphans(state.id).size());
  }
  void clear() { held_.clear(); }

  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] std::uint64_t count(const MailboxName& mailbox) const {
    const auto found = held_.find(mailbox);
    return found == held_.end() ? 0 : found->second.count();
  }

  /// Adds the word about what waits now, in one mailbox or in all, to `decisions`. Returns how many it is about.
  std::uint64_t decide(const std::optional<MailboxName>& mailbox, HeldDecision decision,
                       std::map<MailboxName, sync::GuardDecisions>& decisions) const {
    const bool approved = decision == HeldDecision::approve;
    std::uint64_t count = 0;
    for (const auto& [name, held] : held_) {
      if (mailbox && *mailbox != name) continue;
      auto& word = decisions[name];
      auto& set = approved ? word.approved : word.rejected;
      set = set | held.deletions;
      if (held.orphans > 0) word.orphans = approved ? sync::OrphanWord::approved : sync::OrphanWord::rejected;
      count += held.count();
    }
    return count;
  }

 private:
  struct Held {
    UidSet deletions;
    std::uint64_t orphans = 0;
    [[nodiscard]] std::uint64_t count() const { return deletions.size() + orphans; }
  };

  std::map<MailboxName, Held> held_;
};

}  // namespace mailmirror::daemon
