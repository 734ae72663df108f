// One life of a machine's daemon: the supervisor of one account, which listens on both sides, until the device ends it.
#pragma once

#include "daemon/account/supervisor.hpp"
#include "tests/simulation/seeded_random.hpp"

#include <functional>
#include <string>

namespace mailmirror::simulation {

/// Whoever owns the life runs `run()` and cancels it.
class SupervisedLife final : private daemon::SupervisorListener {
 public:
  SupervisedLife(daemon::SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings,
                 std::unique_ptr<store::Watcher> watcher, const asio::any_io_executor& executor);
  ~SupervisedLife() override;

  /// Until cancelled.
  Task<void> run();

  /// As 'mailmirror sync' does.
  void ask_for_a_pass();
  /// Connected, in order, and told of news by the server.
  [[nodiscard]] bool listens() const;

  /// Each pass, and whether it looked at everything and went well.
  enum class Reach : std::uint8_t { part, whole };
  std::function<void(const sync::PassReport&, Reach)> on_pass;

 private:
  void on_pass_event(const std::string&, const sync::PassEvent&) override {}
  void on_sync_started(const std::string&) override {}
  void on_sync_finished(const std::string& account, const sync::PassReport& report) override;
  void on_connected(const std::string&, daemon::Push) override {}
  void on_disconnected(const std::string&, const std::string&) override {}

  daemon::WatchHub hub_;
  daemon::Supervisor supervisor_;
  std::optional<SystemTime> last_whole_;
};

}  // namespace mailmirror::simulation
