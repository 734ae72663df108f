// Commands that need what only the daemon's program knows (sign-in, set-up, import): it carries them out on this terminal.
#pragma once

#include "sync/base/result.hpp"

#include <string>
#include <vector>

namespace mailmirror::cli {

/// Runs mailmirrord with `words`: the one that lies beside this program, else the first in PATH. It has this program's streams, so
/// it may ask. Returns its exit status (128 + N where signal N ended it). `interrupt` is the descriptor of cli/interrupt.hpp:
/// Ctrl-C reaches mailmirrord by the terminal, SIGTERM is passed on; throws operation_aborted, once mailmirrord has ended. Errors:
/// missing (there is no mailmirrord), io (it can't be started).
Result<int> hand_over(const std::vector<std::string>& words, int interrupt);

}  // namespace mailmirror::cli
