// IDLE (RFC 2177): the server tells changes of the selected mailbox as they happen.
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/latch.hpp"

#include <cstdint>

namespace mailmirror::imap::client {

enum class IdleEnd : std::uint8_t {
  renew,    ///< `renew_after` passed
  stopped,  ///< `stop` is set
  news,     ///< the server told something (the unilateral handler has it already)
};

/// Idles until one of the three happens, then sends DONE and waits for the tagged OK. Other commands of this session wait
/// meanwhile. A notice that comes in one piece with others is told whole before this returns. `stop` outlives the call.
Task<Result<IdleEnd>> idle(Session& session, Duration renew_after, Latch& stop);

/// NOOP: keeps the connection alive and gathers what the server has to tell (RFC 3501 §6.1.2).
Task<Result<void>> keep_alive(Session& session);

}  // namespace mailmirror::imap::client
