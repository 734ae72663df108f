// Changes in directories, as they happen. They say where to look, never what is there: the pass looks for itself.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/strong.hpp"
#include "sync/base/task.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mailmirror::store {

/// One watched directory; never used again for another one.
using WatchId = Strong<struct WatchIdTag, int>;

enum class WatchFor : std::uint8_t {
  messages,  ///< files in new/ or cur/
  folders,   ///< directories in a directory: mailboxes, and their new/ and cur/
};

enum class WatchKind : std::uint8_t {
  created,    ///< a new entry, perhaps still being written; a hard link looks like that too
  written,    ///< a file was closed by a writer
  moved_in,   ///< a rename brought it: a file is whole
  gone,       ///< deleted, or renamed to elsewhere (the new name is told as moved_in)
  self_gone,  ///< the watched directory was deleted, moved or unmounted: its watch has ended
  overflow,   ///< the kernel dropped events: look everywhere. Belongs to no watch
};

struct WatchEvent {
  WatchId id;
  WatchKind kind = WatchKind::created;
  std::string name;  ///< of the entry in the directory; "" for self_gone and overflow

  friend bool operator==(const WatchEvent&, const WatchEvent&) = default;
};

/// A physical seam: the kernel's inotify (inotify_watcher.hpp), or a simulation's. Used on the network thread.
class Watcher {
 public:
  Watcher() = default;
  virtual ~Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Everything that happens in `directory` after this returns is told. Blocks no longer than a look-up of the path.
  /// Errors: exists (watched already), missing, permission, io (no more watches; the message names what to raise).
  virtual Result<WatchId> watch(const std::filesystem::path& directory, WatchFor what) = 0;

  /// Nothing more is told of it. An id that has ended is let be.
  virtual void unwatch(WatchId id) = 0;

  /// Waits for events and returns those that are there, in their order, never none. One waiter at a time; what isn't fetched waits.
  /// Throws operation_aborted when cancelled; nothing is lost by it.
  virtual Task<Result<std::vector<WatchEvent>>> next() = 0;
};

}  // namespace mailmirror::store
