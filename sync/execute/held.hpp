// What the mass-deletion guard holds is remembered over restarts, for `held` and for the next pass.
#pragma once

#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <cstdint>

namespace mailmirror::sync {

/// What a round of a mailbox's pass saw and decided.
struct HeldRound {
  const Plan& plan;
  const GuardDecisions& decisions;
  std::uint64_t messages = 0;  ///< in the mailbox, as the plan saw it
  bool looked_there = false;
  bool looked_here = false;  ///< at what is gone, too
};

/// Blocking. What waits after that round: what the plan holds, and of what waited `before` all that the user hasn't decided and that
/// the round didn't ask about, unless it turns out to be back.
Result<store::HeldDeletions> held_after(const MailboxWork& work, const store::HeldDeletions& before, const HeldRound& round);

/// Of a whole mailbox that went; without the UIDs.
store::HeldDeletions held_with_mailbox(const store::MailboxState& state, const AccountParts& account, std::uint64_t messages);

/// Blocking. In a transaction of its own; empty sets: nothing is held there any more.
Result<void> remember_held(const AccountParts& account, store::MailboxId mailbox, const store::HeldDeletions& held);

}  // namespace mailmirror::sync
