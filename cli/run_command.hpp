// Carries a command out.
#pragma once

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"
#include "sync/base/environment.hpp"

namespace mailmirror::cli {

/// Returns the exit status; what went wrong is said on the standard error stream. Throws operation_aborted once `interrupt` (a
/// descriptor) can be read, and what Stream::write throws.
int run_command(const Arguments& arguments, const Terminal& terminal, const Environment& environment, int interrupt);

}  // namespace mailmirror::cli
