#include "tests/simulation/world.hpp"

#include "tests/simulation/compare.hpp"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace mailmirror::simulation {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostSteps = 3'000'000;
constexpr unsigned kQuietPasses = 2;
/// Of a live device, while it should only listen: far more than failures and other devices' last changes lead to.
constexpr unsigned kMostLooks = 100;
/// Far more than forty calm passes take.
constexpr auto kLongestUnrest = std::chrono::minutes(30);

/// Memory, not a disk: the database's commits cost next to nothing there.
fs::path make_home() {
  auto pattern = (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) / "mm-simulation-XXXXXX";
  std::string text = pattern;
  if (::mkdtemp(text.data()) == nullptr) throw std::runtime_error("can't make " + text);
  return text;
}

/// What the programs log goes into the trace, and into the fingerprint.
class TraceSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit TraceSink(std::function<void(const std::string&)> say) : say_(std::move(say)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override { say_({message.payload.data(), message.payload.size()}); }
  void flush_() override {}

  std::function<void(const std::string&)> say_;
};

std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

SimulatedWorld::SimulatedWorld(const Schedule& schedule, const RunOptions& options)
    : schedule_(schedule),
      options_(options),
      home_(make_home()),
      profile_(profiles()[schedule.profile]),
      network_(io_.get_executor(), clock_, store_, profile_, options.bug, SeededRandom(schedule.seed).fork("network")),
      clients_(store_, clock_, ledger_, profile_, options.bug) {
  network_.on_traffic([this](int device, char direction, const std::string& bytes) {
    say(fmt::format("d{} {} {}", device, direction, bytes));
    if (direction == '>') look_for_writes(static_cast<unsigned>(device), bytes);
  });
  network_.on_cut([this](int device) {
    if (const auto n = static_cast<std::size_t>(device); n < machines_.size()) machines_[n].device->line_was_cut();
  });
  for (unsigned n = 0; n < schedule.devices; ++n) {
    const auto home = home_ / std::to_string(n);
    const DeviceWorld shared{io_.get_executor(), clock_, pool_, network_, store_, log_of(n), options.bug, options.manner, mode_of(n),
                             options.theme == Theme::restored ? sync::OrphanWord::rejected : sync::OrphanWord::approved};
    Machine machine;
    if (mode_of(n) != sync::Mode::two_way) machine.aside = std::make_unique<Ledger>("aside " + std::to_string(n) + ".");
    auto& ledger = machine.aside ? *machine.aside : ledger_;
    machine.device = std::make_unique<Device>(static_cast<int>(n), shared, home, SeededRandom(schedule.seed).fork("device" + std::to_string(n)));
    machine.programs = std::make_unique<LocalPrograms>(machine.device->tree(), machine.device->maildir(), ledger, profile_.uidplus ? "SFRDPT" : "SFRDP");
    machine.device->tick = [this] { play_due_events(); };
    machine.device->disk().on_operation = [this, n](std::string_view what, const fs::path& path) {
      say(fmt::format("d{} DISK {} {}", n, what, path.string().substr(home_.string().size())));
    };
    machines_.push_back(std::move(machine));
  }
  for (auto& machine : machines_) {
    machine.device->after_power_loss = [this, &machine](Device&) { note_what_power_took(machine); };
    machine.device->when_all_was_heard = [this](Device& device) { look_what_was_heard(device); };
    machine.device->start();
  }
}

/// What a device has in a mailbox that the backup knows comes back; of a mailbox that it doesn't know the server says that it was deleted.
std::string SimulatedWorld::restore_server() {
  if (!backup_) return {};
  network_.cut_lines(-1);
  std::map<std::string, unsigned> in_backup;
  for (const auto& [name, mailbox] : *backup_)
    for (const auto& [uid, message] : mailbox.messages) ++in_backup[Ledger::normalized(message.bytes)];
  std::map<std::string, unsigned> on_devices;
  for (const auto& machine : machines_)
    for (const auto& file : messages_in(machine.device->tree(), machine.device->maildir()))
      if (backup_->contains(file.mailbox)) ++on_devices[Ledger::normalized(file.inode->bytes)];
  std::map<std::string, unsigned> all = held_by_server();
  for (const auto& [bytes, count] : in_backup) all[bytes];
  for (const auto& [bytes, count] : on_devices) all[bytes];
  for (const auto& [bytes, count] : all) {
    const auto kept = in_backup[bytes] + on_devices[bytes] > 0 ? Ledger::Kept::yes : Ledger::Kept::no;
    ledger_.restored(bytes, in_backup[bytes] + on_devices[bytes], kept);
  }
  store_.restore(*backup_);
  return "restores the server from the backup";
}

/// By the seed: a shortened schedule has the same devices.
sync::Mode SimulatedWorld::mode_of(unsigned device) const {
  if (options_.theme != Theme::modes) return sync::Mode::two_way;
  auto random = SeededRandom(schedule_.seed).fork("mode" + std::to_string(device));
  const auto others = std::array{sync::Mode::pull, sync::Mode::archive};
  if (device == 0 || random.chance(30)) return others[random.below(others.size())];
  return sync::Mode::two_way;
}

/// The promise of pull and archive, at the wire.
void SimulatedWorld::look_for_writes(unsigned device, const std::string& sent) {
  if (mode_of(device) == sync::Mode::two_way) return;
  for (const auto* verb : {" APPEND ", " STORE ", " MOVE ", " COPY ", " EXPUNGE", " CREATE ", " DELETE ", " RENAME ", " SUBSCRIBE "})
    if (sent.find(verb) != std::string::npos) complain(fmt::format("d{} may not write, and sent{}", device, verb));
}

LogPtr SimulatedWorld::log_of(unsigned device) {
  const auto say_log = [this, device](const std::string& text) {
    // The real directory has another name each time.
    auto line = text;
    for (auto at = line.find(home_.string()); at != std::string::npos; at = line.find(home_.string())) line.replace(at, home_.string().size(), "");
    say(fmt::format("d{} LOG {}", device, line));
  };
  return std::make_shared<Log>("d" + std::to_string(device), std::make_shared<TraceSink>(say_log));
}

SimulatedWorld::~SimulatedWorld() {
  machines_.clear();
  std::error_code ignored;
  fs::remove_all(home_, ignored);
}

void SimulatedWorld::say(const std::string& line) {
  outcome_.fingerprint = mixed(outcome_.fingerprint, line);
  if (options_.trace)
    options_.trace(fmt::format("{:>10.3f} {}", std::chrono::duration<double>(clock_.steady_now().time_since_epoch()).count() - 3600.0, line));
}

void SimulatedWorld::complain(const std::string& text) {
  outcome_.complaints.push_back(text);
  say("COMPLAINT: " + text);
}

void SimulatedWorld::step() {
  ++outcome_.steps;
  play_due_events();
  io_.restart();
  if (io_.poll_one() != 0 || clock_.jump()) return;
  stuck_ = true;
}

void SimulatedWorld::play_due_events() {
  ++since_event_;
  while (next_event_ < schedule_.events.size() && since_event_ >= schedule_.events[next_event_].after) {
    since_event_ = 0;
    happen(schedule_.events[next_event_++]);
  }
}

void SimulatedWorld::happen(const ScheduledEvent& event) {
  const SeededRandom random(event.chance);
  std::string told;
  if (event.what < Happening::remote_deliver)
    told = change_by_program(event, random);
  else if (event.what < Happening::cut_lines)
    told = change_by_client(event, random);
  else
    told = go_wrong(event, random);
  if (told.empty()) return say(fmt::format("EVENT {}: nothing to do", to_string(event.what)));
  const auto who = event.what < Happening::remote_deliver || event.what >= Happening::cut_lines ? fmt::format("d{}", event.device) : "a client";
  say(fmt::format("EVENT {}: {} {}", to_string(event.what), who, told));
}

std::string SimulatedWorld::change_by_program(const ScheduledEvent& event, SeededRandom random) {
  auto& programs = *machines_[event.device].programs;
  switch (event.what) {
    case Happening::local_deliver: return programs.deliver(random);
    case Happening::local_flag: return programs.flag(random);
    case Happening::local_move: return programs.move(random);
    case Happening::local_copy: return programs.copy(random);
    case Happening::local_remove: return programs.remove(random);
    case Happening::local_edit: return programs.edit(random);
    case Happening::local_make_folder: return programs.make_folder(random);
    default: return programs.rename_folder(random);
  }
}

std::string SimulatedWorld::change_by_client(const ScheduledEvent& event, SeededRandom random) {
  switch (event.what) {
    case Happening::remote_deliver: return clients_.deliver(random);
    case Happening::remote_flag: return clients_.flag(random);
    case Happening::remote_move: return clients_.move(random);
    case Happening::remote_copy: return clients_.copy(random);
    case Happening::remote_expunge: return clients_.expunge(random);
    case Happening::remote_create: return clients_.create_mailbox(random);
    case Happening::remote_rename: return clients_.rename_mailbox(random);
    case Happening::remote_delete: return clients_.delete_mailbox(random);
    case Happening::remote_backup: backup_ = store_.snapshot(); return "backs the server up";
    case Happening::remote_restore: return restore_server();
    default: {
      // A server that was repaired greets all clients anew.
      network_.cut_lines(-1);
      return clients_.renumber(random);
    }
  }
}

std::string SimulatedWorld::go_wrong(const ScheduledEvent& event, SeededRandom random) {
  auto& device = *machines_[event.device].device;
  auto& line = network_.faults(device.number());
  constexpr std::array kVerbs{"APPEND", "STORE", "FETCH", "SELECT", "MOVE", "COPY", "EXPUNGE", "CREATE", "LIST", "SEARCH"};
  switch (event.what) {
    case Happening::cut_lines: network_.cut_lines(device.number()); return "loses its connections";
    case Happening::cut_soon: line.cut_after = random.between(1, 6000); return fmt::format("will lose a connection after {} bytes", line.cut_after);
    case Happening::refuse_connects: line.refused_connects = 3; return "can't connect";
    case Happening::refuse_command: line.refused_verb = kVerbs[random.below(kVerbs.size())]; return "will hear NO to " + line.refused_verb;
    case Happening::disk_fails: device.disk().failing_operations = static_cast<std::uint32_t>(random.between(1, 20)); return "has a failing disk";
    case Happening::disk_full: device.disk().full = !device.disk().full; return device.disk().full ? "has a full disk" : "has room again";
    case Happening::kill: ledger_.device_died(); device.die(Death::process); return "is killed";
    case Happening::power_cut: ledger_.device_died(); device.die(Death::power); return "loses power";
    default: break;
  }
  const auto operations = static_cast<std::uint32_t>(random.between(1, 150));
  const auto how = event.what == Happening::kill_soon ? Death::process : Death::power;
  ledger_.device_died();
  device.die_at(operations, how);
  return fmt::format("will {} at its {}th operation", how == Death::process ? "be killed" : "lose power", operations);
}

/// What a program wrote and power took never was; what is torn is a message of its own. Only our own files must be whole.
void SimulatedWorld::note_what_power_took(Machine& machine) {
  const auto& written = machine.programs->written();
  std::set<InodePtr> whole;
  for (const auto& file : messages_in(machine.device->tree(), machine.device->maildir())) {
    const auto as_written = written.find(file.inode);
    const bool ours = as_written == written.end();
    if (!ours && as_written->second == file.inode->bytes) whole.insert(file.inode);
    if (ours && !ledger_.knows(file.inode->bytes) && !(machine.aside && machine.aside->knows(file.inode->bytes)))
      complain(fmt::format("d{}: {}/{} was visible before its bytes were durable", machine.device->number(), file.mailbox, file.name));
    if (!ours && as_written->second != file.inode->bytes) (machine.aside ? *machine.aside : ledger_).torn(file.inode->bytes);
  }
  const auto held = held_by_server();
  for (const auto& [inode, bytes] : written) {
    const auto place = held.find(Ledger::normalized(bytes));
    if (!whole.contains(inode)) (machine.aside ? *machine.aside : ledger_).lost_with_power(bytes, place == held.end() ? 0 : place->second);
  }
  machine.programs->forget_written();
}

Ledger::Counts SimulatedWorld::held_by_server(Counting counting) const {
  Ledger::Counts held;
  for (const auto& name : store_.names())
    for (const auto& [uid, message] : store_.mailbox(name)->messages)
      if (counting == Counting::everything || !message.flags.contains(Flag::deleted)) ++held[Ledger::normalized(message.bytes)];
  return held;
}

void SimulatedWorld::become_quiet() {
  calm_ = true;
  for (auto& machine : machines_) {
    machine.device->calm_down();
    machine.device->disk().full = false;
    machine.device->disk().failing_operations = 0;
    machine.device->die_at(0, Death::process);
    network_.faults(machine.device->number()) = {};
    machine.device->forget_quiet();
  }
  say("QUIET from here on");
  const auto latest = clock_.steady_now() + kLongestUnrest;
  const auto quiet = [&](const Machine& machine) { return machine.device->quiet_passes() >= kQuietPasses; };
  auto changes = store_.changes();
  while (!std::all_of(machines_.begin(), machines_.end(), quiet)) {
    step();
    if (store_.changes() != changes)
      for (auto& machine : machines_) machine.device->forget_quiet();
    changes = store_.changes();
    const bool too_long = outcome_.steps > kMostSteps || clock_.steady_now() > latest;
    const auto crashed = std::find_if(machines_.begin(), machines_.end(), [](const auto& m) { return !m.device->crash().empty(); });
    if (!stuck_ && !too_long && crashed == machines_.end()) continue;
    for (const auto& machine : machines_)
      complain(fmt::format("d{} doesn't come to rest{}: {} {}", machine.device->number(), stuck_ ? " (everything waits)" : "",
                           machine.device->last_trouble(), machine.device->crash()));
    return;
  }
}

/// INBOX is what live devices listen to on every server with IDLE: it must be equal without anybody's having looked. Without CONDSTORE
/// a flag that changes while the one connection is out isn't told by anything: flags are listed at the next poll.
void SimulatedWorld::look_what_was_heard(Device& device) {
  const Allowance allowance{!profile_.keywords, !profile_.uidplus};
  const auto looks = device.passes_since_calm();
  if (looks > kMostLooks) complain(fmt::format("d{} looked {} times though nothing happened any more", device.number(), looks));
  if (!profile_.condstore || device.mode() == sync::Mode::archive) return;
  const auto of_inbox = [](Holdings all) {
    std::erase_if(all, [](const auto& entry) { return entry.first != "INBOX"; });
    return all;
  };
  const auto name = fmt::format("d{} after all news are in", device.number());
  for (const auto& text : differences(of_inbox(holdings_of(store_, allowance)), of_inbox(holdings_of(device.tree(), device.maildir(), allowance)), name, allowance))
    complain(text);
}

void SimulatedWorld::look_at_everything() {
  const auto wanted = held_by_server(profile_.uidplus ? Counting::everything : Counting::without_deleted);
  const auto moves = profile_.move ? Ledger::Moves::at_once : Ledger::Moves::in_two_steps;
  for (const auto& text : ledger_.complaints(held_by_server(), wanted, moves)) complain(text);
  for (auto& machine : machines_) look_at_device(machine);
}

/// A two-way device equals the server. One that pulls does in every mailbox that the server has, whatever its users made besides. One
/// that archives has all that the server has, and laid nothing away.
void SimulatedWorld::look_at_device(Machine& machine) {
  auto& device = *machine.device;
  const Allowance allowance{!profile_.keywords, !profile_.uidplus};
  const auto name = fmt::format("d{}", device.number());
  for (const auto& file : messages_in(device.tree(), device.maildir()))
    say(fmt::format("HOLDS {} {}/{} {}", name, file.mailbox, file.name, Ledger::label(file.inode->bytes)));
  for (const auto& path : device.disk().destroyed()) complain(fmt::format("{} destroyed {} without the attic", name, path.substr(home_.string().size())));
  const auto server = holdings_of(store_, allowance);
  auto here = holdings_of(device.tree(), device.maildir(), allowance);
  if (device.mode() == sync::Mode::archive) {
    for (const auto& text : missing_contents(store_, device.tree(), device.maildir(), *machine.aside, name)) complain(text);
    if (!messages_in(device.tree(), device.attic()).empty()) complain(fmt::format("{} archives, and laid something into the attic", name));
    return;
  }
  if (device.mode() == sync::Mode::pull) std::erase_if(here, [&](const auto& entry) { return !server.contains(entry.first); });
  for (const auto& text : differences(server, here, name, allowance)) complain(text);
}

void SimulatedWorld::run() {
  while (next_event_ < schedule_.events.size() && !stuck_ && outcome_.steps < kMostSteps) step();
  become_quiet();
  if (outcome_.good()) {
    // The quiet passes must have been free of work, on both sides.
    const auto writes = network_.counters().writes;
    std::vector<std::uint64_t> changes;
    for (const auto& machine : machines_) changes.push_back(machine.device->tree().changes());
    for (auto& machine : machines_) machine.device->forget_quiet();
    become_quiet();
    if (network_.counters().writes != writes) complain("a pass without changes wrote to the server, or fetched bodies");
    for (std::size_t n = 0; n < machines_.size(); ++n)
      if (machines_[n].device->tree().changes() != changes[n]) complain(fmt::format("d{}: a pass without changes changed files", n));
    look_at_everything();
  }
  for (auto& machine : machines_) machine.device->stop();
  const auto ended = [](const Machine& machine) { return !machine.device->alive(); };
  for (std::uint64_t left = kMostSteps; left > 0 && !stuck_ && !std::all_of(machines_.begin(), machines_.end(), ended); --left) step();
  if (!std::all_of(machines_.begin(), machines_.end(), ended)) complain("a device doesn't end");
}

Outcome SimulatedWorld::take_outcome() {
  outcome_.commands = network_.counters().commands;
  return std::move(outcome_);
}

Schedule schedule_for(std::uint64_t seed, const RunOptions& options) {
  auto schedule = schedule_from(seed);
  return options.theme == Theme::restored ? with_a_restoration(std::move(schedule)) : schedule;
}

Outcome run(const Schedule& schedule, const RunOptions& options) {
  const auto played = options.lines == Lines::bad ? on_bad_lines(schedule) : schedule;
  SimulatedWorld world(played, options);
  world.run();
  return world.take_outcome();
}

}  // namespace mailmirror::simulation
