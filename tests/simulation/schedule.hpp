// What happens in one simulated run besides the programs under test: a list that a seed makes, and that can be shortened.
#pragma once

#include "tests/simulation/seeded_random.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace mailmirror::simulation {

enum class Happening : std::uint8_t {
  // A local program on one device.
  local_deliver, local_flag, local_move, local_copy, local_remove, local_edit, local_make_folder, local_rename_folder,
  // Another client.
  remote_deliver, remote_flag, remote_move, remote_copy, remote_expunge, remote_create, remote_rename, remote_delete, remote_renumber,
  // The server's administrator; only where the theme is a server that is restored.
  remote_backup, remote_restore,
  // Faults of one device's line, disk or life.
  cut_lines, cut_soon, refuse_connects, refuse_command, disk_fails, disk_full, kill, kill_soon, power_cut, power_cut_soon,
};

std::string_view to_string(Happening happening);

struct ScheduledEvent {
  std::uint32_t after = 0;  ///< steps of the world since the event before
  Happening what{};
  unsigned device = 0;
  std::uint64_t chance = 0;  ///< decides all details
};

struct Schedule {
  std::uint64_t seed = 0;
  unsigned devices = 1;
  std::size_t profile = 0;
  std::vector<ScheduledEvent> events;
};

Schedule schedule_from(std::uint64_t seed);

/// The same with a backup of the server at some time, and its restoration later on.
Schedule with_a_restoration(Schedule schedule);

/// The same on lines that break all the time: in the middle of what nearly each event leads to.
Schedule on_bad_lines(Schedule schedule);

}  // namespace mailmirror::simulation
