// The seam for time: real in the programs, virtual in the simulation and the unit tests.
#pragma once

#include "sync/base/task.hpp"

#include <chrono>

namespace mailmirror {

using SystemTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

/// Used on the network thread; `now` functions may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SystemTime system_now() const = 0;
  /// Goes on while the machine sleeps (CLOCK_BOOTTIME), so that deadlines pass during a suspend.
  [[nodiscard]] virtual SteadyTime steady_now() const = 0;
  /// Throws operation_aborted when cancelled. Never early.
  virtual Task<void> sleep_until(SteadyTime when) = 0;

  Task<void> sleep(Duration length) { return sleep_until(steady_now() + length); }
};

/// The machine's clock. Must outlive all who sleep by it.
class RealClock final : public Clock {
 public:
  [[nodiscard]] SystemTime system_now() const override;
  [[nodiscard]] SteadyTime steady_now() const override;
  Task<void> sleep_until(SteadyTime when) override;
};

}  // namespace mailmirror
