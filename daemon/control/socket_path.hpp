// Where the daemon's socket is: one rule for the daemon and the command line.
#pragma once

#include "sync/base/environment.hpp"
#include "sync/base/result.hpp"

#include <filesystem>
#include <optional>

namespace mailmirror::daemon::control {

/// $XDG_RUNTIME_DIR/mailmirror/control.sock.
std::filesystem::path default_socket(const Environment& environment);

/// `daemon.socket` of the configuration file, else the default; no other key is looked at. `config_file` nullopt means the usual
/// file, which may be missing. Blocking. Errors: configuration.
Result<std::filesystem::path> socket_path(const std::optional<std::filesystem::path>& config_file, const Environment& environment);

}  // namespace mailmirror::daemon::control
