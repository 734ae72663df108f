#include "daemon/main/daemon.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/account/token_login.hpp"
#include "daemon/main/pass_words.hpp"
#include "daemon/main/service_manager.hpp"
#include "store/watch/inotify_watcher.hpp"
#include "sync/base/task_scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace mailmirror::daemon {

namespace {

/// Also where a signal ends the daemon: then its wait throws.
class ToldWhenStopping {
 public:
  ToldWhenStopping() = default;
  ~ToldWhenStopping() { tell_service_manager("STOPPING=1"); }
  ToldWhenStopping(const ToldWhenStopping&) = delete;
  ToldWhenStopping& operator=(const ToldWhenStopping&) = delete;
};

}  // namespace

Daemon::Daemon(config::Config config, ConfigSource source, imap::client::Environment environment, sync::Surroundings surroundings,
               LogPtr log, asio::any_io_executor executor)
    : config_(std::move(config)),
      source_(std::move(source)),
      environment_(std::move(environment)),
      surroundings_(surroundings),
      log_(std::move(log)),
      executor_(executor),
      stopping_(executor),
      hangup_(executor, SIGHUP),
      started_(surroundings.clock.steady_now()) {}

Daemon::~Daemon() = default;

Task<Result<void>> Daemon::run() {
  auto control = server::ControlServer::open(executor_, config_.socket);
  MAILMIRROR_CO_TRY(control);
  auto watcher = store::InotifyWatcher::open(executor_);
  MAILMIRROR_CO_TRY(watcher);
  hub_ = std::make_unique<WatchHub>(std::move(*watcher), log_);
  auto body = [&](TaskGroup& group) -> Task<void> {
    group_ = &group;
    for (const auto& account : config_.accounts) start(group, account);
    group.spawn(hub_->run());
    group.spawn(reload_on_hangup());
    group.spawn(control->run(*this, bus_, *log_));
    if (const auto interval = watchdog_interval()) group.spawn(feed_watchdog(*interval));
    tell_service_manager(fmt::format("READY=1\nSTATUS=mirroring {} account(s)", config_.accounts.size()));
    const ToldWhenStopping told;
    log_->info("mirroring {} account(s); control socket {}", config_.accounts.size(), control->path().string());
    co_await stopping_.wait();
    group.cancel();
  };
  co_await run_in_group(body);
  log_->info("stopped");
  co_return ok();
}

void Daemon::start(TaskGroup& group, const config::Account& account) {
  auto member = std::make_unique<Member>();
  member->config = account;
  member->stop = std::make_unique<asio::cancellation_signal>();
  member->ended = std::make_unique<Event>(executor_);
  auto log = sub_log(*log_, account.name);
  auto environment = environment_;
  environment.log = log;
  SupervisorListener& listener = *this;
  auto settings = supervisor_settings(account, config_.state_dir, surroundings_.pool);
  use_tokens(settings, account, config_.state_dir, environment, executor_);
  member->supervisor = std::make_unique<Supervisor>(std::move(settings), environment, surroundings_, *hub_, listener, log, executor_);
  auto& placed = *members_.insert_or_assign(account.name, std::move(member)).first->second;
  group.spawn(run_member(placed));
}

/// The supervisor's own scope, so that one account can be stopped without the others.
Task<void> Daemon::run_member(Member& member) {
  auto body = [&](TaskGroup& own) -> Task<void> {
    own.spawn(member.supervisor->run());
    auto stop = [&own] { own.cancel(); };
    member.stop->slot().assign([stop](asio::cancellation_type) { stop(); });
    co_return;
  };
  std::exception_ptr failure;
  try {
    co_await run_in_group(body);
  } catch (...) {
    failure = std::current_exception();
  }
  member.stop->slot().clear();
  member.running = false;
  member.ended->notify();
  if (failure) std::rethrow_exception(failure);
}

Task<void> Daemon::stop_member(const std::string& name) {
  const auto found = members_.find(name);
  if (found == members_.end()) co_return;
  auto& member = *found->second;
  member.stop->emit(asio::cancellation_type::terminal);
  while (member.running) co_await member.ended->wait();
  members_.erase(name);
}

// The control socket's side.

Result<std::vector<Supervisor*>> Daemon::chosen(const std::optional<std::string>& account) {
  std::vector<Supervisor*> supervisors;
  for (const auto& [name, member] : members_)
    if (!account || *account == name) supervisors.push_back(member->supervisor.get());
  if (!supervisors.empty() || !account) return supervisors;
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) names.push_back(name);
  return fail(ErrorKind::missing, fmt::format("there is no account '{}': there is {}", *account, fmt::join(names, ", ")));
}

Result<control::StatusDocument> Daemon::status(std::optional<std::string> account) {
  const auto wanted = chosen(account);
  MAILMIRROR_TRY(wanted);
  control::StatusDocument document;
  document.version = MAILMIRROR_VERSION;
  document.uptime_s = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(surroundings_.clock.steady_now() - started_).count());
  for (const auto& [name, member] : members_)
    if (!account || *account == name) document.accounts.push_back(status_of(*member));
  return document;
}

control::AccountStatus Daemon::status_of(const Member& member) const {
  const auto& supervisor = *member.supervisor;
  const auto& view = supervisor.view();
  control::AccountStatus status;
  status.name = supervisor.name();
  status.state = to_word(view.state);
  status.error = view.error;
  status.retry_at = view.retry_at;
  status.push = to_word(view.push);
  status.last_sync = view.last_sync;
  status.connections = supervisor.connections();
  status.bytes_in = supervisor.bytes_in();
  status.bytes_out = supervisor.bytes_out();
  status.maildir = member.config.maildir.string();
  if (view.in_flight.total > 0) status.in_flight = control::InFlight{view.in_flight.done, view.in_flight.total, view.in_flight.bytes};
  for (const auto& [name, mailbox] : view.mailboxes) {
    control::MailboxStatus one;
    one.name = name.utf8();
    one.path = mailbox.directory;
    one.messages = mailbox.messages;
    one.unseen = mailbox.unseen;
    one.uidvalidity = mailbox.uid_validity.value();
    one.held = mailbox.held;
    one.error = mailbox.error;
    status.mailboxes.push_back(std::move(one));
  }
  return status;
}

Result<std::map<Supervisor*, std::set<MailboxName>>> Daemon::resolve(const std::vector<server::Target>& targets) {
  std::map<Supervisor*, std::set<MailboxName>> wanted;
  if (targets.empty())
    for (const auto& [name, member] : members_) wanted[member->supervisor.get()];
  std::set<Supervisor*> whole;
  for (const auto& target : targets) {
    const auto supervisors = chosen(target.account);
    MAILMIRROR_TRY(supervisors);
    auto* supervisor = supervisors->front();
    auto& mailboxes = wanted[supervisor];
    if (target.mailbox.empty()) {
      whole.insert(supervisor);
      continue;
    }
    const MailboxName mailbox(target.mailbox, '/');
    if (!supervisor->view().mailboxes.contains(mailbox))
      return fail(ErrorKind::missing, fmt::format("the account {} has no mailbox '{}' that is mirrored", target.account, target.mailbox));
    mailboxes.insert(mailbox);
  }
  for (auto* supervisor : whole) wanted[supervisor].clear();
  return wanted;
}

Result<void> Daemon::start_sync(std::vector<server::Target> targets) {
  const auto wanted = resolve(targets);
  MAILMIRROR_TRY(wanted);
  for (const auto& [supervisor, mailboxes] : *wanted) {
    const auto started = supervisor->start_sync(mailboxes);
    MAILMIRROR_TRY(started);
  }
  return ok();
}

Task<Result<control::SyncOutcome>> Daemon::sync(std::vector<server::Target> targets) {
  const auto wanted = resolve(targets);
  MAILMIRROR_CO_TRY(wanted);
  control::SyncOutcome outcome;
  auto one = [&outcome](Supervisor& supervisor, std::set<MailboxName> mailboxes) -> Task<void> {
    const auto report = co_await supervisor.sync(std::move(mailboxes));
    if (report) {
      add_to(outcome, supervisor.name(), *report);
    } else {
      outcome.ok = false;
      outcome.problems.push_back(supervisor.name() + ": " + report.error().message);
    }
  };
  auto all = [&](TaskGroup& group) -> Task<void> {
    for (const auto& [supervisor, mailboxes] : *wanted) group.spawn(one(*supervisor, mailboxes));
    co_return;
  };
  co_await run_in_group(all);
  co_return outcome;
}

Task<Result<void>> Daemon::pause(std::optional<std::string> account) {
  const auto supervisors = chosen(account);
  MAILMIRROR_CO_TRY(supervisors);
  for (auto* supervisor : *supervisors) {
    const auto paused = co_await supervisor->pause();
    MAILMIRROR_CO_TRY(paused);
  }
  co_return ok();
}

Task<Result<void>> Daemon::resume(std::optional<std::string> account) {
  const auto supervisors = chosen(account);
  MAILMIRROR_CO_TRY(supervisors);
  for (auto* supervisor : *supervisors) {
    const auto resumed = co_await supervisor->resume();
    MAILMIRROR_CO_TRY(resumed);
  }
  co_return ok();
}

Result<std::uint64_t> Daemon::decide(server::Target target, server::Decision decision) {
  const auto supervisors = chosen(target.account);
  MAILMIRROR_TRY(supervisors);
  const auto mailbox = target.mailbox.empty() ? std::nullopt : std::optional(MailboxName(target.mailbox, '/'));
  const auto word = decision == server::Decision::approve ? Supervisor::Decision::approve : Supervisor::Decision::reject;
  const auto count = supervisors->front()->decide(mailbox, word);
  if (count == 0) return fail(ErrorKind::missing, fmt::format("nothing is held in {}", target.account));
  return count;
}

Task<Result<std::string>> Daemon::reload() {
  auto fresh = source_();
  MAILMIRROR_CO_TRY(fresh);
  if (fresh->state_dir != config_.state_dir || fresh->socket != config_.socket)
    co_return fail(ErrorKind::configuration, "state_dir and socket can't change while the daemon runs: restart it");
  std::vector<std::string> stopped, started;
  std::map<std::string, const config::Account*> wanted;
  for (const auto& account : fresh->accounts) wanted.emplace(account.name, &account);
  for (const auto& account : config_.accounts) {
    const auto kept = wanted.find(account.name);
    if (kept != wanted.end() && *kept->second == account) continue;
    co_await stop_member(account.name);
    stopped.push_back(account.name);
  }
  config_ = std::move(*fresh);
  log_->set_level(spdlog::level::from_str(config_.log_level == "warn" ? "warning" : config_.log_level));
  for (const auto& account : config_.accounts) {
    if (members_.contains(account.name)) continue;
    start(*group_, account);
    started.push_back(account.name);
  }
  co_return stopped.empty() && started.empty()
      ? std::string("nothing changed")
      : fmt::format("stopped: {}; started: {}", stopped.empty() ? "none" : fmt::format("{}", fmt::join(stopped, ", ")),
                    started.empty() ? "none" : fmt::format("{}", fmt::join(started, ", ")));
}

/// SIGHUP, as daemons have it.
Task<void> Daemon::reload_on_hangup() {
  while (true) {
    co_await hangup_.async_wait(asio::use_awaitable);
    tell_service_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
    const auto words = co_await reload();
    tell_service_manager(fmt::format("READY=1\nSTATUS=mirroring {} account(s){}", config_.accounts.size(),
                                     words ? "" : "; the changed configuration has mistakes, see the log"));
    if (words)
      log_->info("configuration read again: {}", *words);
    else
      log_->error("the configuration wasn't taken over, the former one stays: {}", words.error().message);
  }
}

/// From the network thread: it is silent when that one is stuck.
Task<void> Daemon::feed_watchdog(Duration interval) {
  while (true) {
    tell_service_manager("WATCHDOG=1");
    co_await surroundings_.clock.sleep(interval);
  }
}

void Daemon::stop() { stopping_.notify(); }

// What the accounts tell.

control::Event Daemon::event(const std::string& type, const std::string& account) const {
  control::Event event;
  event.type = type;
  event.account = account;
  event.time = surroundings_.clock.system_now();
  return event;
}

void Daemon::on_pass_event(const std::string& account, const sync::PassEvent& what) { bus_.publish(to_control(what, account, surroundings_.clock.system_now())); }

void Daemon::on_sync_started(const std::string& account) { bus_.publish(event("sync-started", account)); }

void Daemon::on_sync_finished(const std::string& account, const sync::PassReport& report) {
  auto finished = event("sync-finished", account);
  finished.ok = report.clean();
  finished.message = summary_of(report);
  bus_.publish(finished);
}

void Daemon::on_connected(const std::string& account, Push push) {
  auto connected = event("connected", account);
  connected.message = "push: " + to_word(push);
  bus_.publish(connected);
}

void Daemon::on_disconnected(const std::string& account, const std::string& why) {
  auto lost = event("disconnected", account);
  lost.message = why;
  bus_.publish(lost);
}

}  // namespace mailmirror::daemon
