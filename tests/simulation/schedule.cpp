#include "tests/simulation/schedule.hpp"

#include "tests/simulation/server/profile.hpp"

#include <array>
#include <utility>

namespace mailmirror::simulation {
namespace {

struct Kind {
  Happening what;
  std::string_view name;
  unsigned weight;  ///< how often, in comparison
};

constexpr std::array<Kind, 29> kKinds{{
    {Happening::local_deliver, "local-deliver", 10},
    {Happening::local_flag, "local-flag", 10},
    {Happening::local_move, "local-move", 8},
    {Happening::local_copy, "local-copy", 3},
    {Happening::local_remove, "local-remove", 6},
    {Happening::local_edit, "local-edit", 2},
    {Happening::local_make_folder, "local-make-folder", 4},
    {Happening::local_rename_folder, "local-rename-folder", 2},
    {Happening::remote_deliver, "remote-deliver", 14},
    {Happening::remote_flag, "remote-flag", 10},
    {Happening::remote_move, "remote-move", 6},
    {Happening::remote_copy, "remote-copy", 2},
    {Happening::remote_expunge, "remote-expunge", 6},
    {Happening::remote_create, "remote-create", 4},
    {Happening::remote_rename, "remote-rename", 2},
    {Happening::remote_delete, "remote-delete", 1},
    {Happening::remote_renumber, "remote-renumber", 1},
    {Happening::remote_backup, "remote-backup", 0},
    {Happening::remote_restore, "remote-restore", 0},
    {Happening::cut_lines, "cut-lines", 3},
    {Happening::cut_soon, "cut-soon", 4},
    {Happening::refuse_connects, "refuse-connects", 1},
    {Happening::refuse_command, "refuse-command", 2},
    {Happening::disk_fails, "disk-fails", 1},
    {Happening::disk_full, "disk-full", 1},
    {Happening::kill, "kill", 2},
    {Happening::kill_soon, "kill-soon", 3},
    {Happening::power_cut, "power-cut", 1},
    {Happening::power_cut_soon, "power-cut-soon", 3},
}};

bool is_fault(Happening what) {
  return what >= Happening::cut_lines;
}

Happening drawn(SeededRandom& random, bool with_faults) {
  unsigned total = 0;
  for (const auto& kind : kKinds)
    if (with_faults || !is_fault(kind.what)) total += kind.weight;
  auto place = random.below(total);
  for (const auto& kind : kKinds) {
    if (!with_faults && is_fault(kind.what)) continue;
    if (place < kind.weight) return kind.what;
    place -= kind.weight;
  }
  return Happening::remote_deliver;
}

}  // namespace

std::string_view to_string(Happening happening) {
  for (const auto& kind : kKinds)
    if (kind.what == happening) return kind.name;
  return "?";
}

Schedule schedule_from(std::uint64_t seed) {
  auto random = SeededRandom(seed).fork("schedule");
  Schedule schedule;
  schedule.seed = seed;
  schedule.devices = static_cast<unsigned>(random.chance(50) ? 1 : random.between(2, 3));
  schedule.profile = random.below(profiles().size());
  const bool with_faults = random.chance(75);
  const auto count = random.between(3, 40);
  // Bursts and lulls.
  const auto longest = std::array<std::uint64_t, 3>{30, 300, 3000}[random.below(3)];
  for (std::uint64_t n = 0; n < count; ++n) {
    ScheduledEvent event;
    event.after = static_cast<std::uint32_t>(random.below(longest));
    event.what = n < 3 ? Happening::remote_deliver : drawn(random, with_faults);
    event.device = static_cast<unsigned>(random.below(schedule.devices));
    event.chance = random.next();
    schedule.events.push_back(event);
  }
  return schedule;
}

Schedule with_a_restoration(Schedule schedule) {
  auto random = SeededRandom(schedule.seed).fork("restoration");
  const auto insert = [&](std::size_t place, Happening what) {
    ScheduledEvent event;
    event.after = static_cast<std::uint32_t>(random.below(300));
    event.what = what;
    event.chance = random.next();
    schedule.events.insert(schedule.events.begin() + static_cast<std::ptrdiff_t>(place), event);
  };
  const auto saved = random.between(1, schedule.events.size());
  insert(saved, Happening::remote_backup);
  insert(random.between(saved + 1, schedule.events.size()), Happening::remote_restore);
  return schedule;
}

Schedule on_bad_lines(Schedule schedule) {
  auto random = SeededRandom(schedule.seed).fork("bad lines");
  std::vector<ScheduledEvent> events;
  for (const auto& event : schedule.events) {
    events.push_back(event);
    if (!random.chance(60)) continue;
    ScheduledEvent cut;
    cut.after = static_cast<std::uint32_t>(random.below(60));
    cut.what = random.chance(50) ? Happening::cut_lines : Happening::cut_soon;
    cut.device = event.device;
    cut.chance = random.next();
    events.push_back(cut);
  }
  schedule.events = std::move(events);
  return schedule;
}

}  // namespace mailmirror::simulation
