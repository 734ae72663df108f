// `mailmirror status` for people.
#pragma once

#include "cli/look.hpp"
#include "daemon/control/documents.hpp"

#include <string>

namespace mailmirror::cli {

/// Whole lines. Times are told relative to `now`.
std::string render_status(const daemon::control::StatusDocument& status, daemon::control::Time now, const Look& look);

}  // namespace mailmirror::cli
