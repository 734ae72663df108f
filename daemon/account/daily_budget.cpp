#include "daemon/account/daily_budget.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace mailmirror::daemon {
namespace {

std::int64_t day_of(SystemTime time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

Error out_of_bytes(const char* key, std::uint64_t limit, SystemTime now) {
  const auto tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  Error error(ErrorKind::throttled,
              fmt::format("today's {} bytes are used up ({}): going on at midnight UTC. A larger '{}' in the configuration allows more", limit,
                          key, key));
  error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(tomorrow - now);
  return error;
}

}  // namespace

void DailyBudget::begin_day(std::int64_t day) {
  traffic_ = store::DailyTraffic{day, 0, 0};
}

void DailyBudget::note(SystemTime now, std::uint64_t total_in, std::uint64_t total_out) {
  if (day_of(now) != traffic_.day) begin_day(day_of(now));
  traffic_.download += total_in - std::exchange(seen_in_, total_in);
  traffic_.upload += total_out - std::exchange(seen_out_, total_out);
}

std::optional<Error> DailyBudget::spent(SystemTime now) const {
  if (day_of(now) != traffic_.day) return std::nullopt;
  if (limits_.download != 0 && traffic_.download >= limits_.download) return out_of_bytes("daily_download", limits_.download, now);
  if (limits_.upload != 0 && traffic_.upload >= limits_.upload) return out_of_bytes("daily_upload", limits_.upload, now);
  return std::nullopt;
}

}  // namespace mailmirror::daemon
