// What `log` and `undo` answer, for people.
#pragma once

#include "cli/look.hpp"
#include "daemon/control/history_documents.hpp"

#include <string>
#include <vector>

namespace mailmirror::cli {

/// A line a pass, the latest first; times are local.
std::string render_passes(const std::vector<daemon::control::PassEntry>& passes, const Look& look);

/// How much came back, and each message that didn't, with the reason.
std::string render_undo(const daemon::control::UndoOutcome& outcome);

}  // namespace mailmirror::cli
