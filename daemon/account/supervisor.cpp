#include "daemon/account/supervisor.hpp"

#include "sync/account/mailbox_counts.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mailmirror::daemon {
namespace {

/// After this, a mailbox where something was still being written is looked at again.
constexpr Duration kLookAgain = std::chrono::milliseconds(2200);

std::string count_words(const sync::PassReport& report) {
  std::uint64_t down = 0, up = 0, removed = 0, flags = 0;
  for (const auto& mailbox : report.mailboxes) {
    down += mailbox.downloaded;
    up += mailbox.uploaded;
    removed += mailbox.removed_locally + mailbox.removed_remotely;
    flags += mailbox.flags_changed;
  }
  return fmt::format("{} downloaded, {} uploaded, {} removed, {} flag changes", down, up, removed, flags);
}

}  // namespace

Supervisor::Supervisor(SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings,
                       SupervisorListener& listener, LogPtr log, asio::any_io_executor executor)
    : settings_(std::move(settings)),
      environment_(std::move(environment)),
      surroundings_(surroundings),
      listener_(listener),
      log_(std::move(log)),
      executor_(executor),
      backoff_(surroundings.random),
      woken_(executor),
      pass_ended_(executor),
      make_way_(executor) {}

Task<void> Supervisor::run() {
  while (true) {
    const auto opened = co_await open_account();
    if (opened) break;
    fail(opened.error());
    co_await wait_for_retry();
  }
  auto mirror = [this](TaskGroup& group) -> Task<void> {
    pool_ = std::make_unique<SessionPool>(environment_, settings_.recipe, settings_.connections, group, executor_);
    pool_->when_scarce([this] { make_way_.notify(); });
    dirty_.add_everything();
    group.spawn(listen_locally());
    group.spawn(listen_remotely());
    group.spawn(poll());
    co_await pass_loop();
  };
  co_await run_in_group(mirror);
}

Task<Result<void>> Supervisor::open_account() {
  auto open = [this] { return sync::Account::open(settings_.account, surroundings_, log_); };
  auto account = co_await surroundings_.pool.run(open);
  MAILMIRROR_CO_TRY(account);
  account_ = std::move(*account);
  auto look = [this] {
    const auto read = account_->db().read();
    paused_ = read.paused();
    for (const auto& state : read.mailboxes()) note_counts(state.name, state, sync::count_messages(read, state.id));
  };
  co_await surroundings_.pool.run(look);
  if (paused_) view_.state = AccountState::paused;
  co_return ok();
}

void Supervisor::note_counts(const MailboxName& name, const store::MailboxState& state, sync::MailboxCounts counts) {
  auto& view = view_.mailboxes[name];
  view.directory = state.directory;
  view.uid_validity = state.uid_validity;
  view.messages = counts.messages;
  view.unseen = counts.unseen;
}

Task<void> Supervisor::pass_loop() {
  while (true) {
    while (paused_ || dirty_.empty()) co_await woken_.wait();
    co_await run_one_pass();
    if (view_.retry_at || needs_user_) co_await wait_for_retry();
  }
}

Task<void> Supervisor::run_one_pass() {
  const auto where = dirty_.take();
  sync::PassScope scope;
  scope.everything = where.everything();
  scope.mailboxes = where.mailboxes();
  scope.local = std::exchange(local_hints_, {});
  scope.decisions = std::exchange(decisions_, {});
  view_.state = AccountState::syncing;
  view_.in_flight = {};
  listener_.on_sync_started(name());
  auto report = co_await sync::run_pass(*account_, *this, *pool_, std::move(scope));
  co_await recount(report);
  conclude(report, where.everything() ? Whole::yes : Whole::no);
  last_report_ = report;
  ++passes_;
  pass_ended_.notify();
  listener_.on_sync_finished(name(), report);
}

Task<void> Supervisor::recount(sync::PassReport report) {
  auto look = [&] {
    const auto read = account_->db().read();
    std::set<MailboxName> alive;
    for (const auto& state : read.mailboxes()) {
      alive.insert(state.name);
      const auto touched = std::any_of(report.mailboxes.begin(), report.mailboxes.end(), [&](const auto& m) { return m.name == state.name && m.changed(); });
      if (touched || !view_.mailboxes.contains(state.name)) note_counts(state.name, state, sync::count_messages(read, state.id));
    }
    std::erase_if(view_.mailboxes, [&](const auto& entry) { return !alive.contains(entry.first); });
  };
  co_await surroundings_.pool.run(look);
}

void Supervisor::conclude(const sync::PassReport& report, Whole whole) {
  view_.in_flight = {};
  if (report.error) return fail(*report.error);
  bool failed = false;
  bool held = false;
  for (const auto& mailbox : report.mailboxes) {
    auto& view = view_.mailboxes[mailbox.name];
    view.held = mailbox.held.size();
    view.error = mailbox.error ? std::optional(mailbox.error->message) : std::nullopt;
    if (!view.error && !mailbox.notes.empty()) view.error = mailbox.notes.front();
    if (mailbox.error) retry_mailbox(mailbox.name, *mailbox.error, failed);
    held = held || view.held > 0;
    if (mailbox.try_again_soon) look_again(mailbox.name);
  }
  view_.error.reset();
  view_.retry_at.reset();
  needs_user_ = false;
  if (failed) {
    view_.retry_at = surroundings_.clock.system_now() + std::chrono::duration_cast<SystemTime::duration>(backoff_.next());
  } else {
    backoff_.reset();
    if (whole == Whole::yes) view_.last_sync = surroundings_.clock.system_now();
  }
  view_.state = held ? AccountState::held : AccountState::idle;
  log_->info("in sync: {}", count_words(report));
}

void Supervisor::retry_mailbox(const MailboxName& name, const Error& error, bool& failed) {
  const auto retry = retry_class(error.kind);
  if (retry == RetryClass::conflict || retry == RetryClass::final) return;
  failed = true;
  dirty_.add(name);
}

void Supervisor::fail(const Error& error) {
  view_.state = AccountState::failed;
  view_.error = error.message;
  needs_user_ = retry_class(error.kind) == RetryClass::final;
  view_.retry_at.reset();
  if (!needs_user_)
    view_.retry_at = surroundings_.clock.system_now() + std::chrono::duration_cast<SystemTime::duration>(backoff_.next());
  dirty_.add_everything();
  log_->error("{}{}", error.message, needs_user_ ? "; not tried again before 'mailmirror sync' or 'mailmirror reload'" : "");
  sync::PassEvent event{sync::PassEvent::Kind::error, {}, sync::Origin::remote, {}, {}, {}, 0, 0, 0, error.message};
  listener_.on_pass_event(name(), event);
}

}  // namespace mailmirror::daemon
