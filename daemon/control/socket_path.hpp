// Where the daemon's socket is, as the command line finds it: the one key of the configuration that it needs.
#pragma once

#include "sync/base/result.hpp"

#include <filesystem>
#include <optional>

namespace mailmirror::daemon::control {

/// `daemon.socket` of the configuration file (nullopt: the default one), else $XDG_RUNTIME_DIR/mailmirror/control.sock. Blocking. A
/// default file that isn't there is no error. Errors: configuration.
Result<std::filesystem::path> socket_path(std::optional<std::filesystem::path> config_file);

}  // namespace mailmirror::daemon::control
