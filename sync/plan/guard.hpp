// The mass-deletion guard: deletions that look like an accident wait for the user.
#pragma once

#include "sync/plan/plan.hpp"
#include "sync/plan/planner.hpp"

namespace mailmirror::sync {

/// Moves the deletions of either direction from `plan` to its held sets, where together with those of the last hour they pass the
/// policy's limits, of the mailbox's size when that hour began; or where they would empty a mailbox that has or had 10 or more messages
/// (semantics, hard case 4). What was held before stays so. What the user approved stays in the plan.
void hold_mass_deletions(const PlannerInput& input, Plan& plan);

/// A whole mailbox goes, on either side, with so many messages: 10 or more, or more than `messages`, wait for the user.
bool holds_mailbox_removal(std::uint64_t messages, const GuardLimits& limits);

}  // namespace mailmirror::sync
