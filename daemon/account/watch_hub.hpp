// The process' one watcher, shared by its accounts: each event goes to whoever asked for its directory.
#pragma once

#include "store/watch/watcher.hpp"
#include "sync/base/log.hpp"

#include <functional>
#include <map>
#include <memory>

namespace mailmirror::daemon {

/// Network thread only.
class WatchHub {
 public:
  using Listener = std::function<void(const store::WatchEvent&)>;

  WatchHub(std::unique_ptr<store::Watcher> watcher, LogPtr log) : watcher_(std::move(watcher)), log_(std::move(log)) {}

  /// Routes events until cancelled. An overflow goes to every listener.
  Task<void> run();

  /// Errors: as store::Watcher::watch.
  Result<store::WatchId> watch(const std::filesystem::path& directory, store::WatchFor what, Listener listener);
  void unwatch(store::WatchId id);

 private:
  void route(const store::WatchEvent& event);

  std::unique_ptr<store::Watcher> watcher_;
  LogPtr log_;
  std::map<store::WatchId, Listener> listeners_;
};

}  // namespace mailmirror::daemon
