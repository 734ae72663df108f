// The service manager's side channel (sd_notify(3)): a datagram to NOTIFY_SOCKET, where there is one.
#pragma once

#include "sync/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace mailmirror::daemon {

/// Best effort; without a service manager nothing happens.
void tell_service_manager(std::string_view state);

/// How often it wants to hear WATCHDOG=1 (half of WATCHDOG_USEC); nullopt: it doesn't, or not from this process.
std::optional<Duration> watchdog_interval();

/// What RELOADING goes with.
std::uint64_t monotonic_microseconds();

}  // namespace mailmirror::daemon
