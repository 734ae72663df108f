// From one line of a client to its answer.
#pragma once

#include "daemon/server/event_bus.hpp"
#include "daemon/server/handler.hpp"
#include "sync/base/log.hpp"

#include <memory>
#include <string>

namespace mailmirror::daemon::server {

/// Where answers and events go. Never waits.
class Replies {
 public:
  virtual ~Replies() = default;
  virtual void send(std::string line) = 0;

  /// `watch`: kept until the client goes.
  std::unique_ptr<EventBus::Subscription> watching;
};

/// Every request gets an answer (a notification none), every mistake a JSON-RPC error, and so does a failure that nobody foresaw:
/// it costs the request, not the daemon. Throws nothing but a cancellation.
Task<void> dispatch(std::string line, Handler& handler, EventBus& bus, Replies& replies, Log& log);

}  // namespace mailmirror::daemon::server
