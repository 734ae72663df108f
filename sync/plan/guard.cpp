#include "sync/plan/guard.hpp"

#include <algorithm>

namespace mailmirror::sync {
namespace {

constexpr std::uint64_t kEmptyingCounts = 10;

/// `before`: how many went the same way in the last hour.
bool looks_like_an_accident(std::uint64_t deletions, std::uint64_t before, const PlannerInput& input) {
  if (deletions == 0) return false;
  const auto& limits = input.policy.guard;
  const auto size = std::max(input.base_messages, input.recent.messages_then);
  const auto total = deletions + before;
  const bool many = total > limits.messages && total * 100 > size * limits.percent;
  const bool all = deletions >= input.base_messages && size >= kEmptyingCounts;
  return many || all;
}

}  // namespace

bool holds_mailbox_removal(std::uint64_t messages, const GuardLimits& limits) {
  return messages >= kEmptyingCounts || messages > limits.messages;
}

void hold_mass_deletions(const PlannerInput& input, Plan& plan) {
  const auto remote = (plan.expunge | plan.trash | plan.purge) - input.decisions.approved;
  if (looks_like_an_accident(remote.size(), input.recent.on_server, input)) {
    plan.held_remote = remote;
    plan.expunge.erase(remote);
    plan.trash.erase(remote);
    plan.purge.erase(remote);
  }
  const auto local = plan.to_attic - input.decisions.approved;
  if (looks_like_an_accident(local.size(), input.recent.here, input)) {
    plan.held_local = plan.held_local | local;
    plan.to_attic.erase(local);
  }
}

}  // namespace mailmirror::sync
