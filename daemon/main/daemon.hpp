// The daemon as a whole: its accounts, its control socket, its signals.
#pragma once

#include "daemon/account/supervisor.hpp"
#include "daemon/account/watch_hub.hpp"
#include "daemon/config/config.hpp"
#include "daemon/server/control_server.hpp"
#include "daemon/server/event_bus.hpp"
#include "daemon/server/handler.hpp"
#include "sync/base/event.hpp"
#include "sync/base/task_group.hpp"

#include <functional>
#include <map>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::daemon {

/// Reads the configuration again, restricted to the accounts that the command line named.
using ConfigSource = std::function<Result<config::Config>()>;

/// Network thread only.
class Daemon final : private server::Handler, private SupervisorListener {
 public:
  Daemon(config::Config config, ConfigSource source, imap::client::Environment environment, sync::Surroundings surroundings, LogPtr log,
         asio::any_io_executor executor);
  ~Daemon() override;

  /// Until cancelled or stopped over the socket. Error: the socket can't be opened, or the watcher can't.
  Task<Result<void>> run();

 private:
  /// One account under way. Stopped alone when the configuration drops or changes it.
  struct Member {
    config::Account config;
    std::unique_ptr<Supervisor> supervisor;
    std::unique_ptr<asio::cancellation_signal> stop;
    std::unique_ptr<Event> ended;
    bool running = true;
  };

  void start(TaskGroup& group, const config::Account& account);
  Task<void> run_member(Member& member);
  Task<void> stop_member(const std::string& name);
  Task<void> reload_on_hangup();
  Task<void> feed_watchdog(Duration interval);
  Result<std::vector<Supervisor*>> chosen(const std::optional<std::string>& account);
  static Result<std::shared_ptr<sync::Account>> opened(const Supervisor& supervisor);
  control::AccountStatus status_of(const Member& member) const;

  Result<control::StatusDocument> status(std::optional<std::string> account) override;
  Task<Result<control::SyncOutcome>> sync(std::vector<server::Target> targets) override;
  Result<void> start_sync(std::vector<server::Target> targets) override;
  Task<Result<void>> pause(std::optional<std::string> account) override;
  Task<Result<void>> resume(std::optional<std::string> account) override;
  Result<std::uint64_t> decide(server::Target target, server::Decision decision) override;
  Task<Result<std::vector<control::HeldMailbox>>> held(std::optional<std::string> account) override;
  Task<Result<std::vector<control::PassEntry>>> log(server::LogOrder order) override;
  Task<Result<control::UndoOutcome>> undo(server::UndoOrder order) override;
  Task<Result<std::string>> reload() override;
  void stop() override;

  void on_pass_event(const std::string& account, const sync::PassEvent& event) override;
  void on_sync_started(const std::string& account) override;
  void on_sync_finished(const std::string& account, const sync::PassReport& report) override;
  void on_connected(const std::string& account, Push push) override;
  void on_disconnected(const std::string& account, const std::string& why) override;

  Result<std::map<Supervisor*, std::set<MailboxName>>> resolve(const std::vector<server::Target>& targets);
  [[nodiscard]] control::Event event(const std::string& type, const std::string& account) const;

  config::Config config_;
  ConfigSource source_;
  imap::client::Environment environment_;
  sync::Surroundings surroundings_;
  LogPtr log_;
  asio::any_io_executor executor_;
  server::EventBus bus_;
  std::unique_ptr<WatchHub> hub_;
  std::map<std::string, std::unique_ptr<Member>> members_;
  TaskGroup* group_ = nullptr;
  Event stopping_;
  asio::signal_set hangup_;  ///< from the beginning: one that comes right after READY must not end the daemon
  SteadyTime started_;
};

}  // namespace mailmirror::daemon
