#include "tests/simulation/device.hpp"

#include "sync/base/task_scope.hpp"
#include "tests/simulation/disk/simulated_watcher.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace mailmirror::simulation {
namespace {

namespace fs = std::filesystem;

constexpr auto kCalmPause = std::chrono::milliseconds(3500);
/// A live device has heard of everything after this long: a retry after a failure takes five minutes at most.
constexpr auto kNewsTravel = std::chrono::minutes(8);
constexpr auto kUnfinishedPause = std::chrono::milliseconds(2200);

/// Names the account as long as it is open.
class Opened {
 public:
  Opened(sync::Account*& place, sync::Account& account) : place_(place) { place_ = &account; }
  ~Opened() { place_ = nullptr; }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

 private:
  sync::Account*& place_;
};

class NoObserver final : public sync::PassObserver {
 public:
  void on_event(const sync::PassEvent&) override {}
};

/// What a program can tell of a failure that is none of the faults.
std::string words_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an unknown exception";
  }
}

}  // namespace

Device::Device(int number, const DeviceWorld& world, const fs::path& home, SeededRandom random)
    : number_(number),
      world_(world),
      maildir_(home / "mail"),
      state_dir_(home / "state"),
      random_(random.fork("life")),
      names_(random.fork("names")),
      tree_(world.clock, random.fork("disk")),
      disk_(tree_, state_dir_ / "attic"),
      connector_(world.network.connector(number)) {
  // The lock on the Maildir's root is a real one.
  fs::create_directories(maildir_);
  disk_.bug = world.bug;
  disk_.before_each = [this] { before_operation(); };
}

Device::~Device() = default;

void Device::start() {
  running_ = true;
  ++lives_;
  dying_.reset();
  disk_.revive();
  asio::co_spawn(world_.executor, live(), asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr failure) { ended(failure); }));
}

void Device::die(Death how) {
  if (!running_ || dying_) return;
  freeze(how);
}

void Device::die_at(std::uint32_t operations, Death how) {
  countdown_ = operations;
  countdown_kind_ = how;
}

void Device::before_operation() {
  if (tick) tick();
  if (countdown_ == 0 || --countdown_ > 0) return;
  freeze(countdown_kind_);
}

/// Whatever the dying program still does has no effect: the disk refuses, the lines are cut, the database is put back.
void Device::freeze(Death how) {
  dying_ = how;
  disk_.die();
  std::error_code none;
  fs::copy_file(state_dir_ / "state.mdb", state_dir_ / "state.frozen", fs::copy_options::overwrite_existing, none);
  world_.network.cut_lines(number_);
  // Not from within the operation that it dies in.
  asio::post(world_.executor, [this, life = lives_] {
    if (running_ && life == lives_) cancel_.emit(asio::cancellation_type::terminal);
  });
}

/// Planted bugs of the memory.
void Device::remember_wrongly(sync::Account& account) const {
  auto falsify = [&](store::WriteTxn& txn) {
    for (auto& state : account.db().read().mailboxes()) {
      if (world_.bug == PlantedBug::intents_forgotten)
        for (const auto& intent : account.db().read().intents(state.id)) txn.erase_intent(intent.id);
      const auto there = world_.store.mailbox(state.name.utf8());
      if (world_.bug != PlantedBug::checkpoint_too_new || !there || state.uid_next == Uid{}) continue;
      state.uid_next = Uid{there->uid_next};
      state.remote_messages = static_cast<std::uint32_t>(there->messages.size());
      if (state.highest_modseq != ModSeq{}) state.highest_modseq = ModSeq{there->highest_mod_seq};
      txn.put(state);
    }
  };
  account.db().write(falsify).value();
}

void Device::line_was_cut() {
  if (world_.bug != PlantedBug::intents_forgotten) return;
  asio::post(world_.executor, [this, life = lives_] {
    if (running_ && life == lives_ && !dying_ && mirrored_ != nullptr) remember_wrongly(*mirrored_);
  });
}

void Device::thaw() {
  std::error_code none;
  fs::remove(state_dir_ / "state.mdb", none);
  fs::remove(state_dir_ / "state.mdb-lock", none);
  fs::rename(state_dir_ / "state.frozen", state_dir_ / "state.mdb", none);
}

void Device::ended(const std::exception_ptr& failure) {
  running_ = false;
  if (!dying_) {
    if (failure) crash_ = words_of(failure);
    return;
  }
  thaw();
  if (*dying_ == Death::power) {
    if (before_power_loss) before_power_loss(*this);
    tree_.lose_power();
    if (after_power_loss) after_power_loss(*this);
  }
  start();
}

sync::AccountSettings Device::settings() const {
  sync::AccountSettings settings;
  settings.name = "sim";
  settings.host = "localhost";
  settings.user = "user";
  settings.maildir = maildir_;
  settings.state_dir = state_dir_;
  sync::Policy policy;
  policy.mode = world_.bug == PlantedBug::pull_writes ? sync::Mode::two_way : world_.mode;
  settings.policy = [policy](const std::string&, const std::vector<std::string>&) { return std::optional(policy); };
  return settings;
}

Task<Result<imap::client::SessionOptions>> Device::session_options() {
  imap::client::SessionOptions options;
  options.server.host = "localhost";
  options.server.port = 143;
  options.server.tls = imap::client::TlsMode::none;
  options.login.user = "user";
  options.login.secret = "pencil";
  co_return options;
}

Task<void> Device::live() {
  // A machine takes a while to start.
  co_await world_.clock.sleep(std::chrono::milliseconds(random_.between(10, 3000)));
  while (!stopping_ && !dying_) {
    auto time = world_.manner == Manner::live ? listen() : open_and_mirror();
    co_await std::move(time);
    if (!stopping_ && !dying_) co_await pause();
  }
}

Task<void> Device::open_and_mirror() {
  const sync::Surroundings surroundings{disk_, world_.pool, world_.clock, names_};
  auto open = [&] { return sync::Account::open(settings(), surroundings, world_.log); };
  auto account = co_await world_.pool.run(open);
  if (account) {
    const Opened opened(mirrored_, **account);
    co_await mirror(**account);
    co_return;
  }
  quiet_passes_ = 0;
  last_trouble_ = account.error().message;
  if (account.error().kind == ErrorKind::locked && !dying_) throw ErrorException(account.error());
}

Task<void> Device::listen() {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  daemon::SupervisorSettings wanted;
  wanted.account = settings();
  wanted.recipe = [this] { return session_options(); };
  wanted.connections = random_.between(1, 4);
  wanted.idle = {MailboxName("INBOX", '/')};
  // Seldom, where news come by themselves: a poll would hide that they don't.
  wanted.poll_interval = std::chrono::minutes(120);
  const imap::client::Environment environment{world_.clock, world_.pool, names_, *connector_, world_.log};
  const sync::Surroundings surroundings{disk_, world_.pool, world_.clock, names_};
  auto watcher = std::make_unique<SimulatedWatcher>(tree_, executor, world_.clock, random_.fork("watcher"), world_.bug);
  SupervisedLife life(std::move(wanted), environment, surroundings, std::move(watcher), executor);
  life.on_pass = [this](const sync::PassReport& report, SupervisedLife::Reach reach) {
    const auto before = quiet_passes_;
    take(report);
    // What only looked at a part, or before all news were in, tells nothing of quiet.
    if (quiet_passes_ > before && (reach == SupervisedLife::Reach::part || !asks_)) quiet_passes_ = before;
  };
  auto body = [&](TaskGroup& group) -> Task<void> {
    group.spawn(life.run());
    co_await attend(life);
    group.cancel();
  };
  co_await run_in_group(body);
}

/// Until this life is over: by chance, or by order.
Task<void> Device::attend(SupervisedLife& life) {
  const auto end = world_.clock.steady_now() + std::chrono::seconds(random_.between(5, 120));
  while (!stopping_ && !dying_ && (calm_ || world_.clock.steady_now() < end)) {
    if (asks_) life.ask_for_a_pass();
    co_await world_.clock.sleep(kCalmPause);
    if (!calm_ || asks_ || world_.clock.steady_now() < calm_since_ + kNewsTravel) continue;
    asks_ = true;
    if (life.listens() && when_all_was_heard) when_all_was_heard(*this);
  }
}

void Device::calm_down() {
  if (!calm_) {
    calm_since_ = world_.clock.steady_now();
    passes_when_calm_ = passes_;
  }
  calm_ = true;
}

Task<void> Device::mirror(sync::Account& account) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const imap::client::Environment environment{world_.clock, world_.pool, names_, *connector_, world_.log};
  NoObserver observer;
  if (world_.bug == PlantedBug::intents_forgotten) remember_wrongly(account);
  auto body = [&](TaskGroup& readers) -> Task<void> {
    auto recipe = [this]() { return session_options(); };
    daemon::SessionPool sessions(environment, recipe, random_.between(1, 3), readers, executor);
    std::exception_ptr failure;
    try {
      // Now and then the program ends and starts again in good order.
      for (auto left = random_.between(2, 12); left > 0 && !stopping_ && !dying_; --left) {
        auto report = co_await sync::run_pass(account, observer, sessions, next_scope());
        take(report);
        if (world_.bug != PlantedBug::none) remember_wrongly(account);
        if (!stopping_ && !dying_) co_await pause();
      }
    } catch (...) {
      failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await sessions.close_all();
    co_await sessions.wait_until_closed();
    if (failure) std::rethrow_exception(failure);
  };
  co_await run_in_group(body);
}

Task<void> Device::pause() {
  if (last_trouble_ == "unfinished") return world_.clock.sleep(kUnfinishedPause);
  if (calm_) return world_.clock.sleep(kCalmPause);
  return world_.clock.sleep(std::chrono::milliseconds(random_.between(1, 8000)));
}

/// Everything, or a few mailboxes, as news of them would have it.
sync::PassScope Device::next_scope() {
  sync::PassScope scope;
  scope.decisions = std::exchange(decisions_, {});
  if (calm_ || std::exchange(look_everywhere_, false) || random_.chance(60)) return scope;
  scope.everything = false;
  for (const auto& name : world_.store.names())
    if (random_.chance(50)) scope.mailboxes.insert(MailboxName(name, '/'));
  return scope;
}

void Device::take(const sync::PassReport& report) {
  ++passes_;
  last_trouble_.clear();
  bool worked = report.moved > 0;
  look_everywhere_ = report.look_everywhere;
  if (report.error) last_trouble_ = report.error->message;
  for (const auto& mailbox : report.mailboxes) {
    worked = worked || mailbox.did_something();
    if (mailbox.try_again_soon && last_trouble_.empty()) last_trouble_ = "unfinished";
    if (mailbox.error) last_trouble_ = mailbox.name.utf8() + ": " + mailbox.error->message;
    if (!mailbox.notes.empty()) last_trouble_ = mailbox.name.utf8() + ": " + mailbox.notes.front();
    if (!mailbox.held.empty() || mailbox.orphans > 0) {
      last_trouble_ = "held";
      // No message is lost by a yes: what this server numbers anew is still there.
      decisions_[mailbox.name].approved = mailbox.held;
      decisions_[mailbox.name].orphans = world_.word_on_orphans;
    }
  }
  if (worked || !last_trouble_.empty())
    quiet_passes_ = 0;
  else
    ++quiet_passes_;
}

}  // namespace mailmirror::simulation
