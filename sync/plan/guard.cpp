#include "sync/plan/guard.hpp"

#include <algorithm>

namespace mailmirror::sync {
namespace {

constexpr std::uint64_t kEmptyingCounts = 10;

/// `before`: how many went the same way in the last hour. A mailbox that was empty when that hour began is being mirrored for the first
/// time, or nearly so: it counts as it was before any of them went.
bool looks_like_an_accident(std::uint64_t deletions, std::uint64_t before, const PlannerInput& input) {
  if (deletions == 0) return false;
  const auto& limits = input.policy.guard;
  const auto whole = input.base_messages + before;
  const auto then = input.recent.messages_then > 0 ? input.recent.messages_then : whole;
  const auto total = deletions + before;
  const bool many = total > limits.messages && total * 100 > then * limits.percent;
  const bool all = deletions >= input.base_messages && std::max(then, whole) >= kEmptyingCounts;
  return many || all;
}

}  // namespace

bool holds_mailbox_removal(std::uint64_t messages, const GuardLimits& limits) {
  return messages >= kEmptyingCounts || messages > limits.messages;
}

void hold_mass_deletions(const PlannerInput& input, Plan& plan) {
  const auto remote = (plan.expunge | plan.trash | plan.purge) - input.decisions.approved;
  const bool hold_there = looks_like_an_accident(remote.size(), input.recent.on_server, input);
  plan.held_remote = hold_there ? remote : remote & input.held.on_server;
  plan.expunge.erase(plan.held_remote);
  plan.trash.erase(plan.held_remote);
  plan.purge.erase(plan.held_remote);
  const auto local = plan.to_attic - input.decisions.approved;
  const bool hold_here = looks_like_an_accident(local.size(), input.recent.here, input);
  const auto held_here = hold_here ? local : local & input.held.here;
  plan.held_local = plan.held_local | held_here;
  plan.to_attic.erase(held_here);
}

}  // namespace mailmirror::sync
