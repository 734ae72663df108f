// Everything that one simulated run consists of, and its clockwork.
#pragma once

#include "tests/simulation/device.hpp"
#include "tests/simulation/local_programs.hpp"
#include "tests/simulation/other_clients.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/unit/imap/world.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::simulation {

class SimulatedWorld {
 public:
  SimulatedWorld(const Schedule& schedule, const RunOptions& options);
  ~SimulatedWorld();

  /// Until everything scheduled has happened, all is quiet again, and every device has ended.
  void run();
  Outcome take_outcome();

 private:
  struct Machine {
    std::unique_ptr<Ledger> aside;  ///< of a device whose users can't reach the server
    std::unique_ptr<Device> device;
    std::unique_ptr<LocalPrograms> programs;
  };

  std::string restore_server();
  [[nodiscard]] sync::Mode mode_of(unsigned device) const;
  void look_for_writes(unsigned device, const std::string& sent);
  void look_at_device(Machine& machine);
  LogPtr log_of(unsigned device);
  void step();
  void play_due_events();
  void happen(const ScheduledEvent& event);
  std::string change_by_program(const ScheduledEvent& event, SeededRandom random);
  std::string change_by_client(const ScheduledEvent& event, SeededRandom random);
  std::string go_wrong(const ScheduledEvent& event, SeededRandom random);
  void become_quiet();
  void look_what_was_heard(Device& device);
  void look_at_everything();
  void note_what_power_took(Machine& machine);
  enum class Counting : std::uint8_t { everything, without_deleted };
  [[nodiscard]] Ledger::Counts held_by_server(Counting counting = Counting::everything) const;
  void say(const std::string& line);
  void complain(const std::string& text);

  const Schedule& schedule_;
  const RunOptions& options_;
  std::filesystem::path home_;
  asio::io_context io_;
  testing::VirtualClock clock_{io_.get_executor()};
  BlockingPool pool_{0};
  Profile profile_;
  MailStore store_;
  std::optional<MailStore::Snapshot> backup_;
  Network network_;
  Ledger ledger_;
  OtherClients clients_;
  std::vector<Machine> machines_;
  std::size_t next_event_ = 0;
  std::uint64_t since_event_ = 0;
  bool stuck_ = false;
  bool calm_ = false;
  Outcome outcome_;
};

}  // namespace mailmirror::simulation
