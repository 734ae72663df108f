// Keeps one account mirrored: opens it, listens on both sides, runs passes where something may have changed, comes back after
// every failure that can pass by itself.
#pragma once

#include "daemon/account/daily_budget.hpp"
#include "daemon/account/account_view.hpp"
#include "daemon/account/backoff.hpp"
#include "daemon/account/dirty_set.hpp"
#include "daemon/account/held_set.hpp"
#include "daemon/account/local_watch.hpp"
#include "daemon/account/session_pool.hpp"
#include "sync/account/account.hpp"
#include "sync/account/account_pass.hpp"
#include "sync/account/mailbox_counts.hpp"
#include "sync/base/event.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::daemon {

struct SupervisorSettings {
  sync::AccountSettings account;
  SessionRecipe recipe;
  OnRefused on_refused;  ///< may be empty
  std::size_t connections = 4;
  std::vector<MailboxName> idle;
  Duration poll_interval = std::chrono::minutes(5);
  DailyLimits daily;
};

/// Hears what an account does; called on the network thread.
class SupervisorListener {
 public:
  virtual ~SupervisorListener() = default;
  virtual void on_pass_event(const std::string& account, const sync::PassEvent& event) = 0;
  virtual void on_sync_started(const std::string& account) = 0;
  virtual void on_sync_finished(const std::string& account, const sync::PassReport& report) = 0;
  virtual void on_connected(const std::string& account, Push push) = 0;
  virtual void on_disconnected(const std::string& account, const std::string& why) = 0;
};

/// Network thread only.
class Supervisor final : private sync::PassObserver {
 public:
  Supervisor(SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings, WatchHub& hub,
             SupervisorListener& listener, LogPtr log, asio::any_io_executor executor);
  ~Supervisor() override;

  /// Until cancelled. Never ends by a failure: failures stand in `view()`.
  Task<void> run();

  [[nodiscard]] const std::string& name() const { return settings_.account.name; }
  [[nodiscard]] const SupervisorSettings& settings() const { return settings_; }
  [[nodiscard]] const AccountView& view() const { return view_; }
  /// nullptr while it isn't open. Who keeps it keeps the account's lock.
  [[nodiscard]] std::shared_ptr<sync::Account> account() const { return account_; }
  [[nodiscard]] std::size_t connections() const { return pool_ ? pool_->open_connections() : 0; }
  [[nodiscard]] std::uint64_t bytes_in() const { return pool_ ? pool_->bytes_in() : 0; }
  [[nodiscard]] std::uint64_t bytes_out() const { return pool_ ? pool_->bytes_out() : 0; }

  /// Wakes a pass over these mailboxes (empty: everything), also where a failure waits for its retry or for the user. Error conflict
  /// while the account is paused.
  Result<void> start_sync(const std::set<MailboxName>& mailboxes);
  /// The same, and waits for the pass that looks there.
  Task<Result<sync::PassReport>> sync(std::set<MailboxName> mailboxes);

  /// Last over a restart. What runs ends first.
  Task<Result<void>> pause();
  Task<Result<void>> resume();

  /// Lets held deletions happen, or brings the messages back, at the next pass. Only what is held now. Returns how many.
  using Decision = HeldDecision;
  std::uint64_t decide(const std::optional<MailboxName>& mailbox, Decision decision);

 private:
  enum class Whole { no, yes };

  Task<Result<void>> open_account();
  Task<void> pass_loop();
  Task<void> listen_remotely();
  Task<void> poll();
  Task<void> look_again();
  Task<void> wait_for_retry();
  Task<void> run_one_pass();
  void leave_removals_alone(sync::PassScope& scope) const;
  Task<void> recount(sync::PassReport& report);
  Task<Result<void>> set_paused(bool paused);
  void conclude(const sync::PassReport& report, Whole whole);
  bool conclude_mailbox(const sync::MailboxReport& report);
  void fail(const Error& error);
  void retry_later(const Error& reason);
  void note_counts(const store::MailboxState& state, sync::MailboxCounts counts);
  void watch_folders();
  void hear_status(const imap::wire::MailboxStatus& status);
  void on_event(const sync::PassEvent& event) override;

  SupervisorSettings settings_;
  imap::client::Environment environment_;
  sync::Surroundings surroundings_;
  WatchHub& hub_;
  SupervisorListener& listener_;
  LogPtr log_;
  asio::any_io_executor executor_;
  AccountView view_;
  Backoff backoff_;
  std::shared_ptr<sync::Account> account_;
  std::unique_ptr<SessionPool> pool_;
  std::unique_ptr<LocalWatch> local_watch_;

  DirtySet dirty_;
  std::map<MailboxName, sync::LocalHint> local_hints_;
  std::map<MailboxName, sync::GuardDecisions> decisions_;
  HeldSet held_;
  std::set<MailboxName> again_soon_;
  bool paused_ = false;
  bool needs_user_ = false;
  bool asked_ = false;
  std::optional<SteadyTime> retry_at_;
  sync::PassReport last_report_;
  std::uint64_t passes_begun_ = 0;
  std::uint64_t passes_ended_ = 0;
  Event woken_;
  Event pass_ended_;
  Event again_;
};

}  // namespace mailmirror::daemon
