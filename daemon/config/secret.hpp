// From where the configuration says to the password or token itself.
#pragma once

#include "daemon/config/config.hpp"
#include "sync/base/result.hpp"

#include <chrono>
#include <string>

namespace mailmirror::daemon::config {

/// How long a command may take: somebody may have to touch a key or type a passphrase.
inline constexpr std::chrono::seconds kSecretPatience{60};

/// Blocking; not for the kinds oauth2 and prompt, which need more than this. A command runs through /bin/sh, in a process group that is
/// killed when `patience` ends; the first line that it prints counts. Errors (authentication) name the command, its exit status and what
/// it wrote to stderr, never what it printed.
Result<std::string> obtain_secret(const SecretSource& source, std::chrono::milliseconds patience = kSecretPatience);

}  // namespace mailmirror::daemon::config
