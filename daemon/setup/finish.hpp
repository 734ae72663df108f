// What comes after a configuration is written: a look at the room there is, the running daemon, the sign-in.
#pragma once

#include "daemon/setup/look_around.hpp"
#include "daemon/setup/user_service.hpp"
#include "sync/base/environment.hpp"

#include <filesystem>
#include <string>

namespace mailmirror::daemon::setup {

/// A warning where the mail won't fit on the disk, or the directory holds mail already; "" else. Blocking, shortly.
std::string about_room(const std::filesystem::path& maildir, const Sight& sight);

/// False: none answers at the socket of that configuration. Blocking.
bool reload_running_daemon(const std::filesystem::path& config_file, const Environment& environment);

/// Runs this very program's `--login` on this terminal; its exit status. Blocking.
int run_sign_in(const std::filesystem::path& config_file, const std::string& account);

}  // namespace mailmirror::daemon::setup
