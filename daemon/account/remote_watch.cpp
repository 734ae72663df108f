#include "daemon/account/remote_watch.hpp"

#include "imap/client/idle.hpp"
#include "imap/client/notify.hpp"
#include "imap/client/select.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/base/timeout.hpp"

#include <optional>
#include <utility>

namespace mailmirror::daemon {
namespace {

using imap::client::Extension;
using imap::client::Session;

bool is_overflow(const imap::wire::Response& response) {
  const auto* const line = std::get_if<imap::wire::UntaggedStatus>(&response);
  return line != nullptr && line->code && line->code->name == "NOTIFICATIONOVERFLOW";
}

/// What a SELECT tells of a mailbox' state: where it is equal, nothing happened between (flags, where the server has no CONDSTORE,
/// aside).
struct Sight {
  UidValidity uid_validity;
  std::optional<Uid> uid_next;
  std::optional<ModSeq> highest_modseq;
  std::uint32_t exists = 0;

  friend bool operator==(const Sight&, const Sight&) = default;
};

Sight sight_of(const imap::client::Selected& selected) {
  return {selected.uid_validity, selected.uid_next, selected.highest_modseq, selected.exists};
}

class RemoteWatch {
 public:
  RemoteWatch(SessionPool& sessions, Clock& clock, Log& log, RemoteWatchInput input)
      : sessions_(sessions), clock_(clock), log_(log), in_(std::move(input)) {}

  Task<Result<void>> run() {
    auto lease = co_await sessions_.lease_to_listen();
    MAILMIRROR_CO_TRY(lease);
    const auto& capabilities = lease->session().capabilities();
    if (capabilities.has(Extension::notify) && in_.connections == Connections::several) {
      auto heard = co_await notify(std::move(*lease));
      co_return heard;
    }
    if (capabilities.has(Extension::idle) && !in_.idle.empty()) {
      auto heard = co_await idle_all(std::move(*lease));
      co_return heard;
    }
    in_.on_mode(Push::poll);
    co_return ok();
  }

 private:
  Task<Result<void>> notify(sync::SessionLease lease) {
    auto& session = lease.session();
    // News of a selected mailbox would come only while a command runs (RFC 5465 §5).
    if (session.selected()) {
      const auto left = co_await imap::client::unselect(session);
      MAILMIRROR_CO_TRY(left);
    }
    session.on_unilateral([this, &session](const imap::wire::Response& response) {
      hear(response);
      if (!is_overflow(response)) return;
      // From here on the server tells nothing more (RFC 5465 §5.8): another connection asks anew, and a whole pass looks at what was
      // missed.
      log_.warn("the server gives up telling news (NOTIFICATIONOVERFLOW): connecting anew");
      session.close();
    });
    const auto now = co_await imap::client::notify_all(session);
    if (!now && (now.error().kind == ErrorKind::refused || now.error().kind == ErrorKind::rejected)) {
      log_.warn("the server refuses NOTIFY though it offers it ({}): using IDLE", now.error().message);
      auto heard = co_await idle_all(std::move(lease));
      co_return heard;
    }
    MAILMIRROR_CO_TRY(now);
    in_.on_mode(Push::notify);
    for (const auto& status : *now) in_.on_status(status);
    Result<void> ended = ok();
    auto body = [&](TaskGroup& group) -> Task<void> {
      group.spawn(give_up_if_alone(session));
      ended = co_await stay_notified(session);
      group.cancel();
    };
    co_await run_in_group(body);
    co_return ended;
  }

  Task<void> give_up_if_alone(Session& session) {
    while (true) {
      co_await sessions_.scarcity().wait();
      // The server may have said so meanwhile; else a session comes back soon.
      if (sessions_.most_connections() == 1) break;
      co_await clock_.sleep(std::chrono::seconds(1));
    }
    session.close(Error(ErrorKind::network, "the server allows one connection only, and a pass needs it: listening goes on by IDLE"));
  }

  Task<Result<void>> stay_notified(Session& session) {
    while (true) {
      auto waiting = until_ended(session);
      const auto ended = co_await with_deadline(clock_, clock_.steady_now() + in_.renew_after, "listening", std::move(waiting));
      // The deadline is the ordinary case: time to see whether the connection still stands.
      if (ended) co_return *session.failure();
      const auto alive = co_await imap::client::keep_alive(session);
      MAILMIRROR_CO_TRY(alive);
    }
  }

  static Task<Result<void>> until_ended(Session& session) {
    co_await session.wait_until_ended();
    co_return ok();
  }

  void hear(const imap::wire::Response& response) {
    if (const auto* status = std::get_if<imap::wire::MailboxStatus>(&response)) in_.on_status(*status);
    if (std::holds_alternative<imap::wire::ListItem>(response)) in_.on_list();
  }

  /// The first mailbox on the session at hand, the others on sessions of their own as far as there are any.
  Task<Result<void>> idle_all(sync::SessionLease lease) {
    in_.on_mode(Push::idle);
    Result<void> first = ok();
    auto body = [&](TaskGroup& group) -> Task<void> {
      for (std::size_t n = 1; n < in_.idle.size() && n < sessions_.capacity(); ++n) group.spawn(idle_on_another(in_.idle[n]));
      first = co_await idle(std::move(lease), in_.idle.front());
      group.cancel();
    };
    co_await run_in_group(body);
    co_return first;
  }

  Task<void> idle_on_another(MailboxName mailbox) {
    auto lease = co_await sessions_.lease_to_listen();
    if (!lease) {
      log_.warn("no connection to watch {} by IDLE: it is polled. {}", mailbox.utf8(), lease.error().message);
      co_return;
    }
    const auto ended = co_await idle(std::move(*lease), mailbox);
    if (!ended) log_.warn("watching {} by IDLE ended: {}", mailbox.utf8(), ended.error().message);
  }

  Task<Result<void>> idle(sync::SessionLease lease, MailboxName mailbox) {
    std::optional<sync::SessionLease> held(std::move(lease));
    std::optional<Sight> told;
    while (true) {
      auto& session = held->session();
      imap::client::SelectRequest request;
      request.mailbox = mailbox;
      request.access = imap::client::Access::read_only;
      const auto selected = co_await imap::client::select(session, std::move(request));
      MAILMIRROR_CO_TRY(selected);
      // What came between the pass before and this SELECT. Told once: where there is one connection only, the pass that follows takes
      // it, and this is the SELECT after that.
      if (told != sight_of(*selected)) in_.on_mailbox(mailbox);
      told = sight_of(*selected);
      const auto ended = co_await idle_until_asked(session, mailbox);
      MAILMIRROR_CO_TRY(ended);
      held.reset();
      co_await clock_.sleep(std::chrono::milliseconds(50));
      auto again = co_await sessions_.lease_to_listen();
      MAILMIRROR_CO_TRY(again);
      held.emplace(std::move(*again));
    }
  }

  Task<Result<void>> idle_until_asked(Session& session, MailboxName mailbox) {
    while (true) {
      const auto end = co_await imap::client::idle(session, in_.renew_after, sessions_.scarcity());
      MAILMIRROR_CO_TRY(end);
      if (*end == imap::client::IdleEnd::news) in_.on_mailbox(mailbox);
      if (*end == imap::client::IdleEnd::stopped) co_return ok();
    }
  }

  SessionPool& sessions_;
  Clock& clock_;
  Log& log_;
  RemoteWatchInput in_;
};

}  // namespace

Task<Result<void>> watch_remote(SessionPool& sessions, Clock& clock, Log& log, RemoteWatchInput input) {
  RemoteWatch watch(sessions, clock, log, std::move(input));
  auto ended = co_await watch.run();
  co_return ended;
}

}  // namespace mailmirror::daemon
