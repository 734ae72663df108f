// What must come of a case, told by the semantics' table and by nothing of the planner's.
#pragma once

#include "sync/plan/planner.hpp"
#include "tests/planner/message_case.hpp"

#include <functional>
#include <string>

namespace mailmirror::planner {

using PlanFunction = std::function<sync::Plan(const sync::PlannerInput&)>;

/// Plans and carries out until nothing is left to do. "" where all is as it must be: each message where the table wants it, once
/// and with the flags that it should have; nothing lost; exactly the mass deletions held; another plan empty; `pull` and `archive`
/// wrote nothing that they mustn't. Else what is wrong.
std::string what_is_wrong(const MessageCase& c, const PlanFunction& plan);

}  // namespace mailmirror::planner
