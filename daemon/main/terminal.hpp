// Asking whoever sits at the terminal.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <string>

namespace mailmirror::daemon {

/// Whether questions can be asked: stdin and stderr are terminals.
bool is_on_terminal();

/// Asks on stderr, reads a line of stdin that isn't shown. Blocking. Errors: authentication (Ctrl-C, or nothing was typed), io.
Result<std::string> ask_secretly(const std::string& question);

/// The next line of stdin, whatever that is. Error io: there is no more, or it is far too long.
Task<Result<std::string>> read_line_of_stdin();

}  // namespace mailmirror::daemon
