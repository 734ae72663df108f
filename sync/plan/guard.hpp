// The mass-deletion guard: deletions that look like an accident wait for the user.
#pragma once

#include "sync/plan/plan.hpp"
#include "sync/plan/planner.hpp"

namespace mailmirror::sync {

/// Moves the deletions of either direction from `plan` to its held sets, where they pass the policy's limits or would empty a
/// mailbox of 10 or more messages (semantics, hard case 4). What the user approved stays in the plan.
void hold_mass_deletions(const PlannerInput& input, Plan& plan);

/// A whole mailbox goes, on either side, with so many messages: 10 or more, or more than `messages`, wait for the user.
bool holds_mailbox_removal(std::uint64_t messages, const GuardLimits& limits);

}  // namespace mailmirror::sync
