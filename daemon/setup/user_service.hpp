// The user's service manager, by systemctl.
#pragma once

#include "sync/base/result.hpp"

#include <string>
#include <vector>

namespace mailmirror::daemon::setup {

/// Runs a program of PATH to its end with nothing on stdin; its output is dropped, or goes to this program's stderr. Its exit
/// status; 127: there is none. Blocking.
int run_program(std::vector<std::string> words, bool show_errors = false);

enum class ServiceState {
  no_manager,  ///< no systemd --user answers here
  no_unit,     ///< it does, and has no mailmirrord.service
  ready,
};

/// Blocking.
ServiceState look_at_user_service();

/// `systemctl --user enable --now`. Blocking. Errors (io).
Result<void> start_user_service();

}  // namespace mailmirror::daemon::setup
