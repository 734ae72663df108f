// Points in time as the control protocol writes them: RFC 3339, UTC, whole seconds.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace mailmirror::daemon::control {

using Time = std::chrono::system_clock::time_point;

/// "2026-01-01T00:00:00Z".
std::string to_iso(Time time);
/// nullopt where the text is anything else.
std::optional<Time> from_iso(const std::string& text);

}  // namespace mailmirror::daemon::control
