// News from the server: NOTIFY where offered, else IDLE; it says where to look.
#pragma once

#include "daemon/account/session_pool.hpp"
#include "imap/wire/response.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/log.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace mailmirror::daemon {

enum class Push : std::uint8_t { notify, idle, poll };

/// With one connection for everything, listening makes way for each pass: IDLE can, NOTIFY would have to be set up again.
enum class Connections : std::uint8_t { one, several };

struct RemoteWatchInput {
  Connections connections = Connections::several;
  std::vector<MailboxName> idle;  ///< watched where NOTIFY isn't offered; each costs a connection
  Duration renew_after;           ///< IDLE is renewed, NOTIFY's connection is probed
  std::function<void(Push)> on_mode;
  std::function<void(const imap::wire::MailboxStatus&)> on_status;  ///< a mailbox as it is now (NOTIFY)
  std::function<void(const MailboxName&)> on_mailbox;               ///< something changed in it (IDLE)
  std::function<void()> on_list;                                    ///< mailboxes came, went or were renamed
};

/// Keeps one session (per idled mailbox) for itself and tells what it hears, until the connection ends: then its error is returned.
/// When sessions are scarce, it is given back, since a pass needs it: by IDLE for a moment, by NOTIFY for good if there is no other (it
/// ends with an error then).
Task<Result<void>> watch_remote(SessionPool& sessions, Clock& clock, Log& log, RemoteWatchInput input);

}  // namespace mailmirror::daemon
