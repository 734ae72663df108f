// Changes in directories as the kernel tells them: inotify(7).
#pragma once

#include "store/watch/watcher.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <span>

namespace mailmirror::store {

/// The process' one inotify instance (users have few), whatever the number of accounts. Changes that other hosts make on a network
/// file system aren't told.
class InotifyWatcher final : public Watcher {
 public:
  /// Error io: no more instances; the message names the sysctl to raise.
  static Result<std::unique_ptr<Watcher>> open(const asio::any_io_executor& executor);

  Result<WatchId> watch(const std::filesystem::path& directory, WatchFor what) override;
  void unwatch(WatchId id) override;
  Task<Result<std::vector<WatchEvent>>> next() override;

 private:
  InotifyWatcher(const asio::any_io_executor& executor, int file);
  Result<std::vector<WatchEvent>> fetch();
  void take(std::span<const std::byte> bytes, std::vector<WatchEvent>& events);
  void end(WatchId id);

  asio::posix::stream_descriptor descriptor_;
  std::map<WatchId, WatchFor> watches_;
};

}  // namespace mailmirror::store
