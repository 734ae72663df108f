#include "daemon/account/watch_hub.hpp"

#include <utility>

namespace mailmirror::daemon {

Task<void> WatchHub::run() {
  while (true) {
    const auto events = co_await watcher_->next();
    if (!events) {
      log_->error("watching the Maildirs ended: {}. Local changes are found by polling from now on", events.error().message);
      co_return;
    }
    for (const auto& event : *events) route(event);
  }
}

void WatchHub::route(const store::WatchEvent& event) {
  if (event.kind == store::WatchKind::overflow) {
    // A listener may watch and unwatch while it is told.
    const auto everyone = listeners_;
    for (const auto& [id, listener] : everyone) listener(event);
    return;
  }
  const auto found = listeners_.find(event.id);
  if (found == listeners_.end()) return;
  const auto listener = found->second;
  if (event.kind == store::WatchKind::self_gone) listeners_.erase(found);
  listener(event);
}

Result<store::WatchId> WatchHub::watch(const std::filesystem::path& directory, store::WatchFor what, Listener listener) {
  const auto id = watcher_->watch(directory, what);
  MAILMIRROR_TRY(id);
  listeners_[*id] = std::move(listener);
  return *id;
}

void WatchHub::unwatch(store::WatchId id) {
  watcher_->unwatch(id);
  listeners_.erase(id);
}

}  // namespace mailmirror::daemon
