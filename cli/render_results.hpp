// Results of commands other than `status`, for people.
#pragma once

#include "cli/look.hpp"
#include "daemon/control/documents.hpp"

#include <string>

namespace mailmirror::cli {

/// What a pass did. Its problems aren't told here: they belong on the standard error stream.
std::string render_outcome(const daemon::control::SyncOutcome& outcome);

/// The result of `held`.
std::string render_held(const daemon::control::Json& result, const Look& look);

}  // namespace mailmirror::cli
