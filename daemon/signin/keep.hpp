// Token files, from the event loop.
#pragma once

#include "daemon/signin/token_file.hpp"
#include "imap/client/options.hpp"

#include <filesystem>

namespace mailmirror::daemon::signin {

/// Waits for the lock. Errors: timeout (somebody holds it and doesn't end), permission, io.
Task<Result<TokenLock>> take_token_lock(imap::client::Environment environment, std::filesystem::path directory);

/// What a sign-in came to, kept in place of what was there. Errors: as take_token_lock and TokenFile::write.
Task<Result<void>> keep_tokens(imap::client::Environment environment, std::filesystem::path directory, KeptTokens kept);

}  // namespace mailmirror::daemon::signin
