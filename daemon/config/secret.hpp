// From where the configuration says to the password or token itself.
#pragma once

#include "daemon/config/config.hpp"
#include "sync/base/result.hpp"

#include <string>

namespace mailmirror::daemon::config {

/// Blocking: a command runs through /bin/sh, for 60 s at most; its first line counts. Errors (configuration) name the command, its exit
/// status and what it wrote to stderr, never what it printed.
Result<std::string> obtain_secret(const SecretSource& source);

}  // namespace mailmirror::daemon::config
