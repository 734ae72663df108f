// `mailmirrord --login`: a user signs in at the terminal.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/signin/sign_in.hpp"
#include "imap/client/options.hpp"

#include <filesystem>

namespace mailmirror::daemon {

/// The tokens are in STATE_DIR/ACCOUNT on return, and the mail server was tried with them. Works beside a running daemon. The
/// result is the exit status: 0 signed in, 1 not, or the mail server refuses the token (told on stderr), 2 the account doesn't sign
/// in this way.
Task<int> run_login(config::Account account, std::filesystem::path state_dir, signin::Way way,
                    imap::client::Environment environment);

}  // namespace mailmirror::daemon
