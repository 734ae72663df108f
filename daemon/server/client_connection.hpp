// One client at the control socket.
#pragma once

#include "daemon/server/event_bus.hpp"
#include "daemon/server/handler.hpp"
#include "sync/base/task.hpp"

#include <boost/asio/local/stream_protocol.hpp>

namespace mailmirror::daemon::server {

/// Answers its requests one after the other until it goes, misbehaves, or the server ends. Throws nothing but a cancellation.
Task<void> serve_client(asio::local::stream_protocol::socket socket, Handler& handler, EventBus& bus);

}  // namespace mailmirror::daemon::server
