// INTERNALDATE's form: "17-Jul-1996 02:44:25 -0700" (RFC 3501 §9, date-time).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::wire {

/// Without the quotes; a leading space or a one-digit day are taken too. nullopt where it is no date.
std::optional<std::chrono::sys_seconds> parse_date_time(std::string_view text);

/// Always in UTC. Years outside 0..9999, which the form can't say, are moved to its nearest end.
std::string format_date_time(std::chrono::sys_seconds when);

}  // namespace mailmirror::imap::wire
