#include "tests/simulation/shrink.hpp"

#include <algorithm>

namespace mailmirror::simulation {
namespace {

/// The steps that pass before an event belong to its place, not to the event: the next one takes them over.
Schedule without(const Schedule& schedule, std::size_t first, std::size_t count) {
  auto shorter = schedule;
  const auto begin = shorter.events.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(count, schedule.events.size() - first));
  std::uint32_t steps = 0;
  for (auto at = begin; at != end; ++at) steps += at->after;
  const auto next = shorter.events.erase(begin, end);
  if (next != shorter.events.end()) next->after += steps;
  return shorter;
}

}  // namespace

Schedule shrunk(Schedule schedule, const RunOptions& options, const std::function<void(std::size_t)>& told) {
  for (auto size = std::max<std::size_t>(1, schedule.events.size() / 2);;) {
    bool shorter = false;
    for (std::size_t first = 0; first < schedule.events.size();) {
      auto candidate = without(schedule, first, size);
      if (run(candidate, options).good()) {
        first += size;
        continue;
      }
      schedule = std::move(candidate);
      shorter = true;
      told(schedule.events.size());
    }
    if (size == 1 && !shorter) return schedule;
    if (!shorter) size = std::max<std::size_t>(1, size / 2);
  }
}

}  // namespace mailmirror::simulation
