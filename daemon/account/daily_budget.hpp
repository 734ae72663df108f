// How many bytes an account may move in a day (UTC), for servers that lock out who moves more (Gmail: 2500 MB down, 500 MB up). A value.
#pragma once

#include "store/state/records.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/error.hpp"

#include <cstdint>
#include <optional>

namespace mailmirror::daemon {

/// In bytes of the wire; 0: no limit.
struct DailyLimits {
  std::uint64_t download = 0;
  std::uint64_t upload = 0;

  [[nodiscard]] bool any() const { return download != 0 || upload != 0; }
  friend bool operator==(const DailyLimits&, const DailyLimits&) = default;
};

class DailyBudget {
 public:
  /// `before`: what was moved so far, as stored.
  DailyBudget(DailyLimits limits, store::DailyTraffic before) : limits_(limits), traffic_(before) {}

  /// `total_in`, `total_out`: since the program began.
  void note(SystemTime now, std::uint64_t total_in, std::uint64_t total_out);

  /// The error that everything gets until the day ends; nullopt while something is left.
  [[nodiscard]] std::optional<Error> spent(SystemTime now) const;

  [[nodiscard]] const store::DailyTraffic& traffic() const { return traffic_; }

 private:
  void begin_day(std::int64_t day);

  DailyLimits limits_;
  store::DailyTraffic traffic_;
  std::uint64_t seen_in_ = 0;
  std::uint64_t seen_out_ = 0;
};

}  // namespace mailmirror::daemon
