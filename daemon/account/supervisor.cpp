#include "daemon/account/supervisor.hpp"

#include "daemon/account/budget_watch.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/base/timeout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mailmirror::daemon {
namespace {

/// After this, a mailbox where something was still being written is looked at again.
constexpr Duration kLookAgain = std::chrono::milliseconds(2200);
/// IDLE is renewed, and a connection that listens is probed.
constexpr Duration kRenewAfter = std::chrono::minutes(5);
/// For a server that throttles without naming a time.
constexpr std::chrono::milliseconds kThrottledPause = std::chrono::minutes(1);

std::string words_for(const sync::PassReport& report) {
  std::uint64_t down = 0, up = 0, removed = 0, flags = 0;
  for (const auto& mailbox : report.mailboxes) {
    down += mailbox.downloaded;
    up += mailbox.uploaded;
    removed += mailbox.removed_locally + mailbox.removed_remotely;
    flags += mailbox.flags_changed;
  }
  if (down + up + removed + flags + report.moved == 0) return {};
  const auto moved = report.moved == 0 ? std::string() : fmt::format(", {} moved", report.moved);
  return fmt::format("{} downloaded, {} uploaded, {} removed, {} flag changes{}", down, up, removed, flags, moved);
}

SystemTime system_time_of(const Clock& clock, SteadyTime when) {
  return clock.system_now() + std::chrono::duration_cast<SystemTime::duration>(when - clock.steady_now());
}

}  // namespace

Supervisor::Supervisor(SupervisorSettings settings, imap::client::Environment environment, sync::Surroundings surroundings, WatchHub& hub,
                       SupervisorListener& listener, LogPtr log, asio::any_io_executor executor)
    : settings_(std::move(settings)),
      environment_(std::move(environment)),
      surroundings_(surroundings),
      hub_(hub),
      listener_(listener),
      log_(std::move(log)),
      executor_(executor),
      backoff_(surroundings.random),
      woken_(executor),
      pass_ended_(executor),
      again_(executor) {}

Supervisor::~Supervisor() = default;

Task<void> Supervisor::run() {
  while (true) {
    const auto opened = co_await open_account();
    if (opened) break;
    fail(opened.error());
    co_await wait_for_retry();
  }
  auto mirror = [this](TaskGroup& group) -> Task<void> {
    pool_ = std::make_unique<SessionPool>(environment_, settings_.recipe, settings_.connections, group, executor_);
    pool_->on_refused(settings_.on_refused);
    if (settings_.connections > 1) pool_->reserve(1);
    LocalWatchListener hear{[this](const MailboxName& mailbox, sync::LocalHint hint) {
                              auto& known = local_hints_[mailbox];
                              known.removals = hint.removals;
                              known.arrived_whole.merge(hint.arrived_whole);
                              known.written.merge(hint.written);
                              dirty_.add(mailbox);
                              woken_.notify();
                            },
                            [this] {
                              dirty_.add_everything();
                              woken_.notify();
                            },
                            [this] {
                              dirty_.add_everything();
                              woken_.notify();
                            }};
    local_watch_ = std::make_unique<LocalWatch>(hub_, surroundings_.clock, *log_, executor_, settings_.account.maildir, std::move(hear));
    watch_folders();
    dirty_.add_everything();
    group.spawn(keep_to_budget(settings_.daily, *pool_, account_->db(), surroundings_.pool, surroundings_.clock, *log_));
    group.spawn(local_watch_->run());
    group.spawn(listen_remotely());
    group.spawn(poll());
    group.spawn(look_again());
    std::exception_ptr ended;
    try {
      co_await pass_loop();
    } catch (...) {
      ended = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await pool_->close_all();
    std::rethrow_exception(ended);
  };
  std::exception_ptr ended;
  try {
    co_await run_in_group(mirror);
  } catch (...) {
    ended = std::current_exception();
  }
  local_watch_.reset();
  pool_.reset();
  account_.reset();
  if (ended) std::rethrow_exception(ended);
}

Task<Result<void>> Supervisor::open_account() {
  auto open = [this] { return sync::Account::open(settings_.account, surroundings_, log_); };
  auto account = co_await surroundings_.pool.run(open);
  MAILMIRROR_CO_TRY(account);
  account_ = std::move(*account);
  auto look = [this] {
    const auto read = account_->db().read();
    paused_ = read.paused();
    for (const auto& state : read.mailboxes()) {
      note_counts(state, sync::count_messages(read, state.id));
      // What was held before a restart still is.
      held_.note(read, state);
      view_.mailboxes[state.name].held = held_.count(state.name);
    }
  };
  co_await surroundings_.pool.run(look);
  view_.error.reset();
  view_.state = paused_ ? AccountState::paused : AccountState::connecting;
  co_return ok();
}

void Supervisor::note_counts(const store::MailboxState& state, sync::MailboxCounts counts) {
  auto& view = view_.mailboxes[state.name];
  view.directory = state.directory;
  view.uid_validity = state.uid_validity;
  view.messages = counts.messages;
  view.unseen = counts.unseen;
}

void Supervisor::watch_folders() {
  std::map<MailboxName, std::string> directories;
  for (const auto& [name, view] : view_.mailboxes) directories.emplace(name, view.directory);
  local_watch_->watch(directories);
}

Task<void> Supervisor::pass_loop() {
  while (true) {
    while (paused_ || dirty_.empty()) co_await woken_.wait();
    co_await run_one_pass();
    if (retry_at_ || needs_user_) co_await wait_for_retry();
  }
}

/// Until the time has come, or somebody asks for a pass.
Task<void> Supervisor::wait_for_retry() {
  asked_ = false;
  while (!asked_ && (needs_user_ || retry_at_)) {
    if (!retry_at_) {
      co_await woken_.wait();
      continue;
    }
    if (surroundings_.clock.steady_now() >= *retry_at_) break;
    auto until_woken = [](Event& event) -> Task<Result<void>> {
      co_await event.wait();
      co_return ok();
    };
    auto waiting = until_woken(woken_);
    const auto ignored = co_await with_deadline(surroundings_.clock, *retry_at_, "retry", std::move(waiting));
    static_cast<void>(ignored);
  }
  retry_at_.reset();
  needs_user_ = false;
  view_.retry_at.reset();
}

Task<void> Supervisor::run_one_pass() {
  const auto where = dirty_.take();
  sync::PassScope scope;
  scope.everything = where.everything();
  scope.mailboxes = where.mailboxes();
  scope.statuses = where.statuses();
  scope.local = std::exchange(local_hints_, {});
  leave_removals_alone(scope);
  asked_ = false;
  auto decisions = std::exchange(decisions_, {});
  scope.decisions = decisions;
  ++passes_begun_;
  view_.state = AccountState::syncing;
  view_.in_flight = {};
  listener_.on_sync_started(name());
  auto report = co_await sync::run_pass(*account_, *this, *pool_, std::move(scope));
  co_await recount(report);
  // The user needn't say it twice where nothing could be done.
  if (report.error) decisions_.merge(decisions);
  conclude(report, where.everything() ? Whole::yes : Whole::no);
  watch_folders();
  if (report.look_everywhere) dirty_.add_everything();
  last_report_ = report;
  ++passes_ended_;
  pass_ended_.notify();
  listener_.on_sync_finished(name(), report);
}

/// News of one mailbox from the server are no reason to carry over what is being removed there right now: the watch tells when the
/// removals have come to rest (semantics, hard case 4). What the user asked for, and a look at everything, take what they find.
void Supervisor::leave_removals_alone(sync::PassScope& scope) const {
  if (passes_begun_ == 0) return;
  if (!scope.everything && !asked_)
    for (const auto& mailbox : scope.mailboxes) scope.local.try_emplace(mailbox, sync::LocalHint{sync::Removals::later, {}, {}});
  for (const auto& mailbox : local_watch_->losing()) scope.local[mailbox].removals = sync::Removals::later;
}

Task<void> Supervisor::recount(sync::PassReport& report) {
  auto look = [&] {
    const auto read = account_->db().read();
    std::set<MailboxName> alive;
    for (const auto& state : read.mailboxes()) {
      alive.insert(state.name);
      const auto touched = report.moved > 0 || std::any_of(report.mailboxes.begin(), report.mailboxes.end(),
                                       [&](const auto& mailbox) { return mailbox.name == state.name && mailbox.did_something(); });
      if (touched || !view_.mailboxes.contains(state.name)) note_counts(state, sync::count_messages(read, state.id));
      view_.mailboxes[state.name].uid_validity = state.uid_validity;
    }
    const auto reported = [&](const MailboxName& mailbox) {
      return std::any_of(report.mailboxes.begin(), report.mailboxes.end(), [&](const auto& m) { return m.name == mailbox; });
    };
    std::erase_if(view_.mailboxes, [&](const auto& entry) { return !alive.contains(entry.first) && !reported(entry.first); });
  };
  co_await surroundings_.pool.run(look);
}

void Supervisor::conclude(const sync::PassReport& report, Whole whole) {
  view_.in_flight = {};
  if (report.error) return fail(*report.error);
  if (whole == Whole::yes) held_.clear();
  std::optional<Error> failed;
  for (const auto& mailbox : report.mailboxes)
    if (conclude_mailbox(mailbox) && !(failed && failed->retry_after)) failed = mailbox.error;
  view_.error.reset();
  if (failed) {
    // Over everything: what failed may have no record yet, and its removals here wait for no further news of them.
    dirty_.add_everything();
    retry_later(*failed);
  } else {
    backoff_.reset();
    if (whole == Whole::yes) view_.last_sync = surroundings_.clock.system_now();
  }
  view_.state = paused_ ? AccountState::paused : held_.empty() ? AccountState::idle : AccountState::held;
  if (const auto words = words_for(report); !words.empty()) log_->info("in sync: {}", words);
}

/// True: it failed in a way that may pass.
bool Supervisor::conclude_mailbox(const sync::MailboxReport& report) {
  auto& view = view_.mailboxes[report.name];
  held_.note(report.name, report.held, report.orphans);
  view.held = held_.count(report.name);
  view.error = report.error ? std::optional(report.error->message) : std::nullopt;
  if (!view.error && !report.notes.empty()) view.error = report.notes.front();
  if (!report.directory.empty()) view.directory = report.directory;
  if (report.try_again_soon) {
    again_soon_.insert(report.name);
    again_.notify();
  }
  if (!report.error) return false;
  const auto retry = retry_class(report.error->kind);
  if (retry == RetryClass::conflict || retry == RetryClass::final) return false;
  dirty_.add(report.name);
  return true;
}

void Supervisor::retry_later(const Error& reason) {
  Duration pause = backoff_.next();
  // A server that is overloaded, or that throttles this user, sets the pace.
  if (reason.kind == ErrorKind::throttled) pause = std::max<Duration>(pause, reason.retry_after.value_or(kThrottledPause));
  retry_at_ = surroundings_.clock.steady_now() + pause;
  view_.retry_at = system_time_of(surroundings_.clock, *retry_at_);
}

void Supervisor::fail(const Error& error) {
  view_.state = AccountState::failed;
  view_.error = error.message;
  needs_user_ = retry_class(error.kind) == RetryClass::final;
  dirty_.add_everything();
  if (!needs_user_) retry_later(error);
  const auto next = needs_user_ ? fmt::format(". Not tried again before 'mailmirror sync {}' or a reload", name())
                                : fmt::format(". Tried again in {} s", std::chrono::ceil<std::chrono::seconds>(
                                                                           *retry_at_ - surroundings_.clock.steady_now()).count());
  log_->error("{}{}", error.message, next);
  sync::PassEvent event{sync::PassEvent::Kind::error, {}, sync::Origin::remote, {}, {}, {}, 0, 0, 0, error.message};
  listener_.on_pass_event(name(), event);
}

Task<void> Supervisor::listen_remotely() {
  Backoff patience(surroundings_.random);
  while (true) {
    // The first pass opens connections and tells what is wrong, if anything is; two who fail the same way help nobody.
    while (passes_ended_ == 0 || paused_ || view_.state == AccountState::failed) co_await pass_ended_.wait();
    RemoteWatchInput input;
    input.connections = pool_->most_connections() > 1 ? Connections::several : Connections::one;
    input.idle = settings_.idle;
    input.renew_after = std::min(kRenewAfter, std::max<Duration>(settings_.poll_interval, std::chrono::seconds(30)));
    input.on_mode = [this, &patience](Push push) {
      patience.reset();
      view_.push = push;
      listener_.on_connected(name(), push);
    };
    input.on_status = [this](const imap::wire::MailboxStatus& status) { hear_status(status); };
    input.on_mailbox = [this](const MailboxName& mailbox) {
      dirty_.add(mailbox);
      woken_.notify();
    };
    input.on_list = [this] {
      dirty_.add_everything();
      woken_.notify();
    };
    const auto ended = co_await watch_remote(*pool_, surroundings_.clock, *log_, std::move(input));
    if (ended) co_return;
    view_.push = Push::poll;
    listener_.on_disconnected(name(), ended.error().message);
    log_->warn("listening ended: {}", ended.error().message);
    // What was missed is found by a pass over everything.
    dirty_.add_everything();
    co_await surroundings_.clock.sleep(patience.next());
    woken_.notify();
  }
}

void Supervisor::hear_status(const imap::wire::MailboxStatus& status) {
  const auto known = view_.mailboxes.find(status.mailbox);
  if (known == view_.mailboxes.end())
    dirty_.add_everything();
  else
    dirty_.add(status.mailbox, status);
  woken_.notify();
}

Task<void> Supervisor::poll() {
  while (true) {
    co_await surroundings_.clock.sleep(settings_.poll_interval);
    dirty_.add_everything();
    woken_.notify();
  }
}

Task<void> Supervisor::look_again() {
  while (true) {
    while (again_soon_.empty()) co_await again_.wait();
    co_await surroundings_.clock.sleep(kLookAgain);
    for (const auto& mailbox : std::exchange(again_soon_, {})) {
      dirty_.add(mailbox);
      // What went there was told of before, to the pass that didn't come to its end.
      local_hints_.try_emplace(mailbox);
    }
    woken_.notify();
  }
}

Result<void> Supervisor::start_sync(const std::set<MailboxName>& mailboxes) {
  if (paused_) return mailmirror::fail(ErrorKind::conflict, fmt::format("the account {} is paused: 'mailmirror resume {}' first", name(), name()));
  for (const auto& mailbox : mailboxes) dirty_.add(mailbox);
  if (mailboxes.empty()) dirty_.add_everything();
  asked_ = true;
  woken_.notify();
  return ok();
}

Task<Result<sync::PassReport>> Supervisor::sync(std::set<MailboxName> mailboxes) {
  const auto started = start_sync(mailboxes);
  MAILMIRROR_CO_TRY(started);
  // A pass that runs already may have looked before: the next one counts. Without an account there is no pass, only its failure.
  const auto awaited = passes_begun_ + 1;
  while (passes_ended_ < awaited) {
    if (!account_ && view_.error && !asked_) co_return mailmirror::fail(ErrorKind::conflict, *view_.error);
    co_await pass_ended_.wait();
  }
  co_return last_report_;
}

Task<Result<void>> Supervisor::pause() { return set_paused(true); }
Task<Result<void>> Supervisor::resume() { return set_paused(false); }

Task<Result<void>> Supervisor::set_paused(bool paused) {
  if (!account_) co_return mailmirror::fail(ErrorKind::conflict, view_.error.value_or("the account is being opened"));
  auto write = [&] {
    auto commit = [&](store::WriteTxn& txn) { txn.put(paused ? store::WriteTxn::Paused::yes : store::WriteTxn::Paused::no); };
    return account_->db().write(commit);
  };
  const auto written = co_await surroundings_.pool.run(write);
  MAILMIRROR_CO_TRY(written);
  paused_ = paused;
  if (paused && view_.state != AccountState::syncing) view_.state = AccountState::paused;
  if (!paused) {
    view_.state = AccountState::connecting;
    asked_ = true;
    dirty_.add_everything();
  }
  woken_.notify();
  co_return ok();
}

std::uint64_t Supervisor::decide(const std::optional<MailboxName>& mailbox, Decision decision) {
  const auto count = held_.decide(mailbox, decision, decisions_);
  // A whole mailbox's end is only decided where all of them are looked at.
  if (count > 0) dirty_.add_everything();
  asked_ = true;
  woken_.notify();
  return count;
}

void Supervisor::on_event(const sync::PassEvent& event) {
  if (event.kind == sync::PassEvent::Kind::progress) view_.in_flight = {event.done, event.total, event.bytes};
  const bool ours = event.origin == sync::Origin::remote &&
                    (event.kind == sync::PassEvent::Kind::message_added || event.kind == sync::PassEvent::Kind::message_moved ||
                     event.kind == sync::PassEvent::Kind::flags_changed);
  if (ours && local_watch_) local_watch_->expect(event.path);
  listener_.on_pass_event(name(), event);
}

}  // namespace mailmirror::daemon
