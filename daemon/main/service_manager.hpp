// The service manager's side channel (sd_notify(3)): a datagram to NOTIFY_SOCKET, where there is one.
#pragma once

#include <string_view>

namespace mailmirror::daemon {

/// Best effort; without a service manager nothing happens.
void tell_service_manager(std::string_view state);

}  // namespace mailmirror::daemon
