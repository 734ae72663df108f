// One run of the simulated world: a schedule happens, then all goes quiet, then everything is looked at.
#pragma once

#include "tests/simulation/planted_bug.hpp"
#include "tests/simulation/schedule.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mailmirror::simulation {

struct RunOptions {
  PlantedBug bug = PlantedBug::none;
  /// Told everything that happens.
  std::function<void(const std::string&)> trace;
};

struct Outcome {
  std::vector<std::string> complaints;  ///< empty: all promises were kept
  std::uint64_t fingerprint = 0;        ///< of all that was said and done: equal for equal runs
  std::uint64_t steps = 0;
  std::uint64_t commands = 0;

  [[nodiscard]] bool good() const { return complaints.empty(); }
};

/// Deterministic: the same schedule has the same outcome.
Outcome run(const Schedule& schedule, const RunOptions& options = {});

}  // namespace mailmirror::simulation
