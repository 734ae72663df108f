// Where the daemon's log goes: stderr, plain for a terminal, with journald's priorities under systemd.
#pragma once

#include "sync/base/log.hpp"

#include <string>

namespace mailmirror::daemon {

LogPtr make_log(const std::string& level);

}  // namespace mailmirror::daemon
