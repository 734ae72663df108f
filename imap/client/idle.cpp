#include "imap/client/idle.hpp"

#include "imap/client/engine.hpp"
#include "imap/client/status_error.hpp"
#include "sync/base/task_scope.hpp"

#include <optional>
#include <utility>

namespace mailmirror::imap::client {
namespace {

bool is_news(const wire::Response& response) {
  return std::holds_alternative<wire::Exists>(response) || std::holds_alternative<wire::Expunge>(response) ||
         std::holds_alternative<wire::Vanished>(response) || std::holds_alternative<wire::Fetch>(response) ||
         std::holds_alternative<wire::MailboxStatus>(response) || std::holds_alternative<wire::ListItem>(response);
}

/// Flow: IDLE → "+" → until something ends it → DONE → tagged OK. Holds the write side all along.
class Idling final : public ResponseHandler {
 public:
  Idling(Engine& engine, Duration renew_after, Latch& stop) : engine_(engine), renew_after_(renew_after), stop_(stop) {}

  /// Notes the news and leaves it to whoever wants it.
  bool take(const wire::Response& response) override {
    if (is_news(response)) end_with(IdleEnd::news);
    return false;
  }

  Task<Result<IdleEnd>> run() {
    Result<IdleEnd> outcome = IdleEnd::renew;
    auto body = [&](TaskGroup& group) -> Task<void> {
      group.spawn(wait_for_stop());
      group.spawn(wait_for_renewal());
      outcome = co_await converse();
      group.cancel();
    };
    co_await run_in_group(body);
    co_return outcome;
  }

 private:
  Task<Result<IdleEnd>> converse() {
    const auto hold = co_await engine_.take_turn();
    if (engine_.failure()) co_return *engine_.failure();
    auto announced = engine_.announce("IDLE", this);
    pending_ = announced.get();
    RunningCommand command(engine_, std::move(announced));
    const auto begun = co_await engine_.write(pending_->tag + " IDLE\r\n");
    MAILMIRROR_CO_TRY(begun);
    const auto invited = co_await engine_.wait_for_invitation(*pending_);
    MAILMIRROR_CO_TRY(invited);
    if (*invited) {
      engine_.set_mood(*pending_, PendingCommand::Mood::patient);
      while (!end_ && !pending_->status && !engine_.failure()) co_await pending_->changed.wait();
      engine_.set_mood(*pending_, PendingCommand::Mood::expecting);
    }
    if (*invited && !pending_->status) {
      const auto done = co_await engine_.write("DONE\r\n");
      MAILMIRROR_CO_TRY(done);
    }
    const auto status = co_await command.finish();
    pending_ = nullptr;
    MAILMIRROR_CO_TRY(status);
    // A server that ends IDLE by itself wants it begun again.
    co_return end_.value_or(IdleEnd::renew);
  }

  void end_with(IdleEnd end) {
    if (!end_) end_ = end;
    if (pending_ != nullptr) pending_->changed.notify();
  }

  Task<void> wait_for_stop() {
    co_await stop_.wait();
    end_with(IdleEnd::stopped);
  }

  Task<void> wait_for_renewal() {
    co_await engine_.clock().sleep(renew_after_);
    end_with(IdleEnd::renew);
  }

  Engine& engine_;
  Duration renew_after_;
  Latch& stop_;
  std::optional<IdleEnd> end_;
  PendingCommand* pending_ = nullptr;
};

}  // namespace

Task<Result<IdleEnd>> idle(Session& session, Duration renew_after, Latch& stop) {
  Idling idling(session.engine(), renew_after, stop);
  auto end = co_await idling.run();
  co_return end;
}

Task<Result<void>> keep_alive(Session& session) {
  wire::Command command("NOOP");
  const auto done = co_await session.execute(std::move(command));
  MAILMIRROR_CO_TRY(done);
  co_return ok();
}

}  // namespace mailmirror::imap::client
