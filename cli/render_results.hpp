// Results of commands other than `status`, for people.
#pragma once

#include "cli/look.hpp"
#include "daemon/control/documents.hpp"
#include "daemon/control/held_documents.hpp"

#include <string>
#include <vector>

namespace mailmirror::cli {

/// What a pass did. Its problems aren't told here: they belong on the standard error stream.
std::string render_outcome(const daemon::control::SyncOutcome& outcome);

/// What waits, since when and why; times are local.
std::string render_held(const std::vector<daemon::control::HeldMailbox>& held, const Look& look);

}  // namespace mailmirror::cli
