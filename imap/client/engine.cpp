#include "imap/client/engine.hpp"

#include "sync/base/task_scope.hpp"

#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;

}  // namespace

Engine::Engine(const asio::any_io_executor& executor, const Environment& environment, Opened opened, Duration command_timeout)
    : executor_(executor),
      clock_(environment.clock),
      log_(environment.log),
      transport_(std::move(opened.transport)),
      parser_(std::move(opened.parser)),
      capabilities_(std::move(opened.capabilities)),
      enabled_(opened.enabled),
      server_(std::move(opened.server)),
      quirks_(std::move(opened.quirks)),
      command_timeout_(command_timeout),
      router_(log_),
      turn_(executor),
      next_tag_(opened.next_tag),
      last_progress_(clock_.steady_now()),
      activity_(executor) {}

void Engine::fail(Error error) {
  if (failure_) return;
  failure_ = std::move(error);
  transport_->close();
  router_.wake_all();
  activity_.notify();
}

Task<void> Engine::wait_until_ended() {
  while (!failure_) co_await activity_.wait();
}

Task<void> Engine::run() {
  // Also when this coroutine is cancelled: nobody would read the answers any more.
  struct End {
    Engine& engine;
    explicit End(Engine& e) : engine(e) {}
    ~End() { engine.fail(Error(ErrorKind::network, "the connection was closed")); }
  };
  const End end(*this);
  auto body = [this](TaskGroup& group) -> Task<void> {
    group.spawn(watch());
    co_await read_all();
    group.cancel();
  };
  co_await run_in_group(body);
}

Task<void> Engine::read_all() {
  while (route_buffered()) {
    if (router_.ask_for_back_pressure()) {
      while (router_.back_pressure() && !failure_) co_await activity_.wait();
      note_progress();
      if (failure_) co_return;
    }
    const auto count = co_await transport_->read_some(parser_.prepare(kReadSize));
    if (!count) {
      fail(count.error());
      co_return;
    }
    if (*count == 0) {
      fail(Error(ErrorKind::network, "the server closed the connection"));
      co_return;
    }
    parser_.commit(*count);
    note_progress();
  }
}

/// Takes all that the buffer holds. False: the connection has ended.
bool Engine::route_buffered() {
  while (!failure_) {
    const auto event = parser_.next();
    if (!event) {
      fail(event.error());
      break;
    }
    if (!*event) return true;
    const auto routed = router_.route(**event);
    if (!routed) fail(routed.error());
  }
  return false;
}

void Engine::note_progress() {
  last_progress_ = clock_.steady_now();
}

bool Engine::expects_progress() const {
  return !router_.back_pressure() && (writing_ || router_.expecting());
}

Task<void> Engine::watch() {
  while (!failure_) {
    if (!expects_progress()) {
      co_await activity_.wait();
      continue;
    }
    const auto due = last_progress_ + command_timeout_;
    if (clock_.steady_now() >= due) {
      fail(Error(ErrorKind::timeout, "the server fell silent in the middle of a command"));
      co_return;
    }
    co_await clock_.sleep_until(due);
  }
}

Task<Result<wire::TaggedStatus>> Engine::finish(PendingCommand& command) {
  command.awaited = true;
  while (!command.status && !failure_) {
    if (!command.sink_asked) {
      co_await command.changed.wait();
      continue;
    }
    // Here and not in the reader, so that the sink is never used after its owner went away.
    co_await command.handler->bodies()->ready();
    command.sink_asked = false;
    activity_.notify();
  }
  command.awaited = false;
  if (!command.status) co_return *failure_;
  co_return *command.status;
}

void Engine::forget(PendingCommand& command) {
  router_.remove(command);
  if (!command.status) fail(Error(ErrorKind::network, "a command was given up in the middle: its connection is closed"));
}

std::unique_ptr<PendingCommand> Engine::announce(std::string name, ResponseHandler* handler) {
  auto pending = std::make_unique<PendingCommand>(executor_, "m" + std::to_string(next_tag_++), std::move(name), handler);
  if (!expects_progress()) note_progress();
  router_.add(*pending);
  activity_.notify();
  return pending;
}

void Engine::set_mood(PendingCommand& command, PendingCommand::Mood mood) {
  command.mood = mood;
  note_progress();
  activity_.notify();
}

}  // namespace mailmirror::imap::client
