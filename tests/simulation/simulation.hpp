// One run of the simulated world: a schedule happens, then all goes quiet, then everything is looked at.
#pragma once

#include "tests/simulation/planted_bug.hpp"
#include "tests/simulation/schedule.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mailmirror::simulation {

/// How devices come to their passes.
enum class Manner : std::uint8_t {
  passes,  ///< one after the other, over everything or parts of it, as chance has it
  live,    ///< a supervisor listens on both sides
};

enum class Lines : std::uint8_t {
  good,  ///< but for the faults that the schedule names
  bad,   ///< on_bad_lines
};

/// What the devices are there for.
enum class Theme : std::uint8_t {
  plain,  ///< all of them mirror both ways
  modes,  ///< one at least pulls or archives; nothing that is done on it may reach the server
  restored,  ///< the server goes back to a backup; what devices have of the time since isn't lost
};

struct RunOptions {
  Theme theme = Theme::plain;
  Manner manner = Manner::passes;
  Lines lines = Lines::good;
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

/// What the seed makes happen, with what the theme adds.
Schedule schedule_for(std::uint64_t seed, const RunOptions& options);

/// Deterministic: the same schedule has the same outcome.
Outcome run(const Schedule& schedule, const RunOptions& options = {});

}  // namespace mailmirror::simulation
