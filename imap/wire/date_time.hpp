// INTERNALDATE (RFC 3501 §9, date-time).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::wire {

/// " 1-Jan-2020 00:00:00 +0000", always in UTC, without the quotes. nullopt: the year isn't within 0001 to 9999.
std::optional<std::string> format_date_time(std::chrono::sys_seconds when);

/// nullopt: no date, or one that doesn't exist. Takes "1-Jan-2020 …" and "01-Jan-2020 …" too, and a leap second (as its successor).
std::optional<std::chrono::sys_seconds> parse_date_time(std::string_view text);

}  // namespace mailmirror::imap::wire
