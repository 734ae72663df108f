#include "cli/time_words.hpp"

#include <charconv>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace mailmirror::cli {
namespace {

using Time = std::chrono::system_clock::time_point;

constexpr std::int64_t kMostAgo = std::int64_t{100} * 366 * 86'400;

enum class Zone : std::uint8_t { local, utc };

std::optional<std::int64_t> seconds_in(char unit) {
  switch (unit) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3'600;
    case 'd': return 86'400;
    case 'w': return 7 * 86'400;
    default: return std::nullopt;
  }
}

std::optional<Time> so_long_ago(std::string_view text, Time now) {
  std::int64_t count = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, count);
  if (failure != std::errc() || end - rest != 1 || count < 0) return std::nullopt;
  const auto unit = seconds_in(*rest);
  if (!unit || count > kMostAgo / *unit) return std::nullopt;
  return now - std::chrono::seconds(count * *unit);
}

/// Also where the clocks were changed in between.
std::optional<Time> midnight(Time now, int days_ago) {
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  std::tm date{};
  if (localtime_r(&seconds, &date) == nullptr) return std::nullopt;
  date.tm_mday -= days_ago;
  date.tm_hour = date.tm_min = date.tm_sec = 0;
  date.tm_isdst = -1;
  return std::chrono::system_clock::from_time_t(std::mktime(&date));
}

/// Normalized fields differ from what was written where there is no such date.
std::optional<Time> time_of(std::tm date, Zone zone) {
  const auto written = date;
  date.tm_isdst = -1;
  const auto seconds = zone == Zone::utc ? timegm(&date) : std::mktime(&date);
  if (seconds == -1 || date.tm_mday != written.tm_mday || date.tm_mon != written.tm_mon) return std::nullopt;
  return std::chrono::system_clock::from_time_t(seconds);
}

std::optional<Time> date_and_time(std::string text) {
  const auto zone = text.ends_with('Z') ? Zone::utc : Zone::local;
  if (zone == Zone::utc) text.pop_back();
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  for (const char* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm date{};
    const auto* end = strptime(text.c_str(), form, &date);
    if (end != nullptr && *end == '\0') return time_of(date, zone);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Time> past_time(const std::string& text, Time now) {
  auto time = text == "today" ? midnight(now, 0) : text == "yesterday" ? midnight(now, 1) : so_long_ago(text, now);
  if (!time) time = date_and_time(text);
  return time && *time <= now ? time : std::nullopt;
}

}  // namespace mailmirror::cli
