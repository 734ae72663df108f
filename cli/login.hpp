// `mailmirror login`: mailmirrord signs the user in, then a running daemon hears of it.
#pragma once

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"
#include "sync/base/environment.hpp"
#include "sync/base/result.hpp"

namespace mailmirror::cli {

/// The exit status. Works without a running daemon, too. Throws operation_aborted once `interrupt` can be read.
Result<int> log_in(const Arguments& arguments, const Terminal& terminal, const Environment& environment, int interrupt);

}  // namespace mailmirror::cli
