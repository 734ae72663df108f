// One simulated machine: a Maildir on a disk of its own, and the program's whole stack, which lives, dies and starts again.
#pragma once

#include "daemon/account/session_pool.hpp"
#include "sync/account/account_pass.hpp"
#include "tests/simulation/disk/simulated_disk.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/simulation/supervised_life.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace mailmirror::simulation {

enum class Death : std::uint8_t {
  process,  ///< kill -9: what was written stays
  power,    ///< what wasn't made durable is gone
};

/// What all devices share.
struct DeviceWorld {
  asio::any_io_executor executor;
  Clock& clock;
  BlockingPool& pool;
  Network& network;
  MailStore& store;
  LogPtr log;
  PlantedBug bug = PlantedBug::none;
  Manner manner = Manner::passes;
  sync::Mode mode = sync::Mode::two_way;
  /// What its user says of files whose messages the server no longer has.
  sync::OrphanWord word_on_orphans = sync::OrphanWord::approved;
};

class Device {
 public:
  /// `home` is a real, empty directory: the state database lives there.
  Device(int number, const DeviceWorld& world, const std::filesystem::path& home, SeededRandom random);
  ~Device();

  void start();
  /// Dies here and now; starts again a while later.
  void die(Death how);
  /// Dies within the `operations`th disk operation from now on.
  void die_at(std::uint32_t operations, Death how);

  /// No more faults of its own: passes over everything, short pauses.
  void calm_down();
  /// Where a planted bug forgets what was under way then.
  void line_was_cut();
  /// Ends after the pass under way.
  void stop() { stopping_ = true; }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] sync::Mode mode() const { return world_.mode; }
  [[nodiscard]] SimulatedDisk& disk() { return disk_; }
  [[nodiscard]] FileTree& tree() { return tree_; }
  [[nodiscard]] const std::filesystem::path& maildir() const { return maildir_; }
  [[nodiscard]] std::filesystem::path attic() const { return state_dir_ / "attic"; }
  [[nodiscard]] bool alive() const { return running_; }
  /// Passes since `calm_down` without work, problem or doubt, in a row.
  [[nodiscard]] unsigned quiet_passes() const { return quiet_passes_; }
  void forget_quiet() { quiet_passes_ = 0; }
  /// How often it looked since it calmed down: nothing new should make it look time and again.
  [[nodiscard]] unsigned passes_since_calm() const { return passes_ - passes_when_calm_; }
  /// A live device that had time enough since it calmed down to hear of everything, and listens in good order, is asked this once,
  /// before anything makes it look by itself.
  std::function<void(Device&)> when_all_was_heard;
  [[nodiscard]] unsigned passes() const { return passes_; }
  [[nodiscard]] const std::string& last_trouble() const { return last_trouble_; }
  /// An error that nothing in the simulation explains: an exception out of a pass.
  [[nodiscard]] const std::string& crash() const { return crash_; }
  /// Before power is lost and after: the ledger looks at what programs lose with it.
  std::function<void(Device&)> before_power_loss;
  std::function<void(Device&)> after_power_loss;
  /// Asked before each disk operation, besides the countdown of `die_at`.
  std::function<void()> tick;

 private:
  Task<void> live();
  Task<void> open_and_mirror();
  Task<void> mirror(sync::Account& account);
  Task<void> listen();
  Task<void> attend(SupervisedLife& life);
  Task<void> pause();
  Task<Result<imap::client::SessionOptions>> session_options();
  sync::PassScope next_scope();
  void take(const sync::PassReport& report);
  void remember_wrongly(sync::Account& account) const;
  void before_operation();
  void freeze(Death how);
  void ended(const std::exception_ptr& failure);
  void thaw();
  [[nodiscard]] sync::AccountSettings settings() const;

  int number_;
  DeviceWorld world_;
  std::filesystem::path maildir_;
  std::filesystem::path state_dir_;
  SeededRandom random_;
  SeededRandom names_;
  FileTree tree_;
  SimulatedDisk disk_;
  std::unique_ptr<imap::transport::Connector> connector_;
  asio::cancellation_signal cancel_;
  sync::Account* mirrored_ = nullptr;  ///< while it is open
  bool running_ = false;
  bool calm_ = false;
  SteadyTime calm_since_{};
  unsigned passes_when_calm_ = 0;
  bool asks_ = false;  ///< of a live device: for passes over everything, as nothing new is expected
  bool stopping_ = false;
  std::optional<Death> dying_;
  std::uint32_t countdown_ = 0;
  Death countdown_kind_ = Death::process;
  unsigned lives_ = 0;
  bool look_everywhere_ = false;
  unsigned passes_ = 0;
  unsigned quiet_passes_ = 0;
  std::map<MailboxName, sync::GuardDecisions> decisions_;
  std::string last_trouble_;
  std::string crash_;
};

}  // namespace mailmirror::simulation
