#include "sync/plan/guard.hpp"

namespace mailmirror::sync {
namespace {

constexpr std::uint64_t kEmptyingCounts = 10;

bool looks_like_an_accident(std::uint64_t deletions, std::uint64_t messages, const GuardLimits& limits) {
  const bool many = deletions > limits.messages && deletions * 100 > messages * limits.percent;
  const bool all = deletions >= messages && messages >= kEmptyingCounts;
  return many || all;
}

}  // namespace

bool holds_mailbox_removal(std::uint64_t messages, const GuardLimits& limits) {
  return messages >= kEmptyingCounts || messages > limits.messages;
}

void hold_mass_deletions(const PlannerInput& input, Plan& plan) {
  const auto remote = (plan.expunge | plan.trash | plan.purge) - input.decisions.approved;
  if (looks_like_an_accident(remote.size(), input.base_messages, input.policy.guard)) {
    plan.held_remote = remote;
    plan.expunge.erase(remote);
    plan.trash.erase(remote);
    plan.purge.erase(remote);
  }
  const auto local = plan.to_attic - input.decisions.approved;
  if (looks_like_an_accident(local.size(), input.base_messages, input.policy.guard)) {
    plan.held_local = plan.held_local | local;
    plan.to_attic.erase(local);
  }
}

}  // namespace mailmirror::sync
