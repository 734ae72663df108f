#include "daemon/account/session_pool.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace mailmirror::daemon {

using imap::client::Session;

namespace {

constexpr Duration kCapLasts = std::chrono::hours(1);

}  // namespace

/// A parameter of the reader, not a variable in it: a reader that is cancelled before its first turn never runs, and its session
/// would be waited for without end.
struct SessionPool::Reading {
  SessionPool& pool;
  Position member;
  Reading(SessionPool& p, Position m) : pool(p), member(m) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    member->reading = false;
    pool.drop_if_done(member);
    pool.freed_.notify();
  }
};

SessionPool::SessionPool(imap::client::Environment environment, SessionRecipe recipe, std::size_t capacity, TaskGroup& readers,
                         asio::any_io_executor executor)
    : environment_(std::move(environment)), recipe_(std::move(recipe)), capacity_(capacity), readers_(readers), freed_(executor), scarcity_(executor) {}

SessionPool::~SessionPool() { BOOST_ASSERT_MSG(members_.empty(), "a session pool went away before its sessions"); }

Task<Result<sync::SessionLease>> SessionPool::lease() {
  while (true) {
    auto lease = co_await try_lease();
    if (lease) co_return std::move(*lease);
    co_await wait_in_line();
  }
}

Task<Result<sync::SessionLease>> SessionPool::lease_to_listen() {
  while (true) {
    auto lease = co_await try_lease();
    if (lease) co_return std::move(*lease);
    co_await freed_.wait();
  }
}

/// Nothing: all that may be open are out.
Task<std::optional<Result<sync::SessionLease>>> SessionPool::try_lease() {
  while (true) {
    if (shut_) co_return *shut_;
    for (auto member = members_.begin(); member != members_.end(); ++member)
      if (!member->lent && member->reading && !member->session->failure()) co_return lend(member);
    if (members_.size() + opening_ >= usable()) co_return std::nullopt;
    auto lease = co_await open();
    if (lease || !learn_cap(lease.error())) co_return std::move(lease);
  }
}

Task<void> SessionPool::wait_in_line() {
  struct InLine {
    SessionPool& pool;
    explicit InLine(SessionPool& p) : pool(p) {
      ++pool.waiting_;
      pool.scarcity_.set();
    }
    ~InLine() {
      if (--pool.waiting_ == 0) pool.scarcity_.reset();
    }
  };
  const InLine in_line(*this);
  co_await freed_.wait();
}

void SessionPool::shut(Error reason) {
  if (!std::exchange(shut_, reason))
    for (auto& member : members_) member.session->close(reason);
  freed_.notify();
}

std::size_t SessionPool::usable() const {
  const bool capped = cap_ && environment_.clock.steady_now() < cap_->until;
  return capped ? std::min(capacity_, cap_->connections) : capacity_;
}

/// False: it is no matter of numbers, or nothing would be left to wait for.
bool SessionPool::learn_cap(const Error& refusal) {
  if (refusal.kind != ErrorKind::throttled || members_.empty()) return false;
  cap_ = LearnedCap{members_.size(), environment_.clock.steady_now() + kCapLasts};
  environment_.log->warn("the server takes no more than {} connections at a time ({}): going on with these", members_.size(), refusal.message);
  return true;
}

Task<Result<sync::SessionLease>> SessionPool::open() {
  // Counted also while it opens, however that ends.
  struct Opening {
    SessionPool& pool;
    explicit Opening(SessionPool& p) : pool(p) { ++pool.opening_; }
    ~Opening() {
      --pool.opening_;
      pool.freed_.notify();
    }
  };
  const Opening opening(*this);
  auto session = co_await log_in();
  MAILMIRROR_CO_TRY(session);
  Member fresh;
  fresh.session = std::move(*session);
  const auto member = members_.insert(members_.end(), std::move(fresh));
  auto reading = std::make_unique<Reading>(*this, member);
  readers_.spawn(read(std::move(reading)));
  co_return lend(member);
}

/// A refused token is renewed and tried once more.
Task<Result<std::unique_ptr<Session>>> SessionPool::log_in() {
  while (true) {
    auto options = co_await recipe_();
    MAILMIRROR_CO_TRY(options);
    const auto secret = options->login.secret;
    auto session = co_await imap::client::open_session(environment_, std::move(*options));
    const bool refused = !session && session.error().kind == ErrorKind::authentication;
    if (!refused || !on_refused_) co_return std::move(session);
    const auto told = on_refused_(secret, session.error());
    if (told) co_return *told;
  }
}

sync::SessionLease SessionPool::lend(Position member) {
  member->lent = true;
  return {*member->session, [this, member](Session&) { give_back(member); }};
}

void SessionPool::give_back(Position member) {
  member->lent = false;
  member->session->on_unilateral({});
  drop_if_done(member);
  freed_.notify();
}

Task<void> SessionPool::read(std::unique_ptr<Reading> reading) {
  // A reader ends with its connection, so that a LOGOUT gets its answer also while everything is being stopped.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await reading->member->session->run();
}

void SessionPool::drop_if_done(Position member) {
  if (member->lent || member->reading) return;
  bytes_in_of_gone_ += member->session->bytes_in();
  bytes_out_of_gone_ += member->session->bytes_out();
  members_.erase(member);
}

Task<void> SessionPool::close_all() {
  std::vector<sync::SessionLease> idle;
  for (auto member = members_.begin(); member != members_.end(); ++member)
    if (!member->lent && member->reading) idle.push_back(lend(member));
  for (const auto& lease : idle) co_await lease.session().logout();
  idle.clear();
  for (auto& member : members_) member.session->close();
}

Task<void> SessionPool::wait_until_closed() {
  while (!members_.empty()) co_await freed_.wait();
}

std::uint64_t SessionPool::bytes_in() const {
  auto sum = bytes_in_of_gone_;
  for (const auto& member : members_) sum += member.session->bytes_in();
  return sum;
}

std::uint64_t SessionPool::bytes_out() const {
  auto sum = bytes_out_of_gone_;
  for (const auto& member : members_) sum += member.session->bytes_out();
  return sum;
}

}  // namespace mailmirror::daemon
