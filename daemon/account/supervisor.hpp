// Keeps one account mirrored: opens it, listens on both sides, runs passes where something may have changed, comes back after
// every failure that can pass by itself.
#pragma once

#include "daemon/account/account_view.hpp"
#include "daemon/account/backoff.hpp"
#include "daemon/account/dirty_set.hpp"
#include "daemon/account/session_pool.hpp"
#include "sync/account/account.hpp"
#include "sync/account/account_pass.hpp"
#include "sync/base/event.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::daemon {

struct SupervisorSettings {
  sync::AccountSettings account;
  SessionRecipe recipe;
  std::size_t connections = 4;
  std::vector<MailboxName> idle;
  Duration poll_interval = std::chrono::minutes(5);
};

/// Hears what an account does; called on the network thread.
class SupervisorListener {
 public:
  virtual ~SupervisorListener() = default;
  virtual void on_pass_event(const std::string& account, const sync::PassEvent& event) = 0;
  virtual void on_sync_started(const std::string& account) = 0;
  virtual void on_sync_finished(const std::string& account, const sync::PassReport& report) = 0;
  virtual void on_connection(const std::string& account, bool connected, const std::string& words) = 0;
};

/// Network thread only.
class Supervisor final : private sync::PassObserver {
 public:
  Supervisor(SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings,
             SupervisorListener& listener, LogPtr log, asio::any_io_executor executor);

  /// Until cancelled. Never ends by a failure: failures stand in `view()`.
  Task<void> run();

  [[nodiscard]] const std::string& name() const { return settings_.account.name; }
  [[nodiscard]] const AccountView& view() const { return view_; }
  [[nodiscard]] std::size_t connections() const { return pool_ ? pool_->open_connections() : 0; }
  [[nodiscard]] std::uint64_t bytes_in() const { return pool_ ? pool_->bytes_in() : 0; }
  [[nodiscard]] std::uint64_t bytes_out() const { return pool_ ? pool_->bytes_out() : 0; }

  /// A pass over these mailboxes (empty: everything), now, also where a failure waits for its retry. Returns the pass' report;
  /// conflict "paused" if the account is paused.
  Task<Result<sync::PassReport>> sync_now(std::set<MailboxName> mailboxes);

  /// Lasts over a restart.
  Task<Result<void>> pause();
  Task<Result<void>> resume();

 private:
  struct Request {
    DirtySet where;
    std::optional<sync::PassReport> report;
  };

  Task<void> open_account();
  Task<void> mirror();
  Task<void> pass_loop();
  Task<void> listen_remotely();
  Task<void> listen_locally();
  Task<void> poll();
  Task<void> run_one_pass();
  Task<void> recount(sync::PassReport& report);
  void conclude(const sync::PassReport& report);
  void fail(const Error& error);
  void mark_dirty(const MailboxName& mailbox);
  void on_event(const sync::PassEvent& event) override;

  SupervisorSettings settings_;
  imap::client::Environment environment_;
  sync::Surroundings surroundings_;
  SupervisorListener& listener_;
  LogPtr log_;
  asio::any_io_executor executor_;
  AccountView view_;
};

}  // namespace mailmirror::daemon
