// Makes a schedule that fails as short as it gets.
#pragma once

#include "tests/simulation/simulation.hpp"

#include <functional>

namespace mailmirror::simulation {

/// Leaves out events, many at a time and then one by one, as long as some promise is still broken. `told`: how many are left.
Schedule shrunk(Schedule schedule, const RunOptions& options, const std::function<void(std::size_t)>& told);

}  // namespace mailmirror::simulation
