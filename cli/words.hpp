// Numbers, sizes and times as people say them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailmirror::cli {

/// "1 message", "2 messages".
std::string counted(std::uint64_t count, std::string_view noun);

/// "512 B", "3.4 MiB".
std::string bytes_in_words(std::uint64_t bytes);

/// "12 s", "5 min", "3 h", "2 days": the greatest unit that fits. Negative lengths (clocks differ) count as 0 s.
std::string length_in_words(std::chrono::seconds length);

/// "2026-11-23 10:00:00", local time.
std::string local_date_and_time(std::chrono::system_clock::time_point time);

}  // namespace mailmirror::cli
