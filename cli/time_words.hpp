// Points in the past as people say them on the command line.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace mailmirror::cli {

/// "90s", "30m", "2h", "3d", "1w" (so long ago), "today", "yesterday" (their beginning), "2026-11-23", "2026-11-23T10:00",
/// "2026-11-23 10:00:30": local time, or UTC with a Z at the end. nullopt: none of these, or later than `now`.
std::optional<std::chrono::system_clock::time_point> past_time(const std::string& text, std::chrono::system_clock::time_point now);

}  // namespace mailmirror::cli
