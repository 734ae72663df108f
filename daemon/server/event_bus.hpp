// Events from those who make them to those who listen.
#pragma once

#include "daemon/control/documents.hpp"

#include <functional>
#include <list>
#include <utility>

namespace mailmirror::daemon::server {

/// Network thread only. Listeners return quickly and don't throw.
class EventBus {
 public:
  using Listener = std::function<void(const control::Event&)>;

  /// Listens until it is destroyed; the bus outlives it.
  class Subscription {
   public:
    Subscription(EventBus& bus, Listener listener)
        : bus_(&bus), position_(bus.listeners_.insert(bus.listeners_.end(), std::move(listener))) {}
    ~Subscription() { bus_->listeners_.erase(position_); }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    EventBus* bus_;
    std::list<Listener>::iterator position_;
  };

  void publish(const control::Event& event) {
    for (auto it = listeners_.begin(); it != listeners_.end();) (*it++)(event);
  }

 private:
  std::list<Listener> listeners_;
};

}  // namespace mailmirror::daemon::server
