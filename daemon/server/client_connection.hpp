// One client at the control socket.
#pragma once

#include "daemon/server/event_bus.hpp"
#include "daemon/server/handler.hpp"
#include "sync/base/log.hpp"
#include "sync/base/task.hpp"

#include <boost/asio/local/stream_protocol.hpp>

namespace mailmirror::daemon::server {

/// Answers its requests until it goes, doesn't read, or the server ends. Requests run side by side, so that a long `sync` holds
/// nothing up; those that are under way when the client goes are carried out all the same. Throws nothing but a cancellation.
Task<void> serve_client(asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus, Log& log);

}  // namespace mailmirror::daemon::server
