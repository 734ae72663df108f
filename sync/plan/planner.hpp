// The decisions: from three trees to a plan. A pure function; all policy of a mailbox's messages lives here.
#pragma once

#include "sync/plan/changes.hpp"
#include "sync/plan/plan.hpp"
#include "sync/plan/policy.hpp"

#include <cstdint>

namespace mailmirror::sync {

/// What went from the mailbox in the last hour, not counting what the user approved. The guard sees time (semantics, hard case 4).
struct RecentDeletions {
  std::uint64_t on_server = 0;
  std::uint64_t here = 0;
  std::uint64_t messages_then = 0;  ///< in the mailbox when that hour began
};

/// What waits for the user's word already, each entry for one of the two sides. It goes on waiting, whatever the limits say now.
struct HeldBefore {
  UidSet on_server;
  UidSet here;
};

struct PlannerInput {
  const Base& base;
  const RemoteChanges& remote;
  const LocalChanges& local;
  const Policy& policy;
  const GuardDecisions& decisions;
  std::uint64_t base_messages = 0;  ///< messages with state `present` in the whole mailbox: what the guard's percentage is of
  Uid checkpoint;                   ///< UIDNEXT as of the base: what came since then may lack its record
  RecentDeletions recent{};
  HeldBefore held{};
};

/// Each row of the table in the semantics, "The three trees", for one mailbox. Deterministic; never fails.
Plan plan(const PlannerInput& input);

}  // namespace mailmirror::sync
