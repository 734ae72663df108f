// What a simulated machine's kernel tells of its directories (inotify): a moment later, in batches, and now and then only that
// something was missed.
#pragma once

#include "store/watch/watcher.hpp"
#include "sync/base/event.hpp"
#include "tests/simulation/disk/file_tree.hpp"
#include "tests/simulation/planted_bug.hpp"

#include <map>
#include <string>
#include <vector>

namespace mailmirror::simulation {

class SimulatedWatcher final : public store::Watcher, private TreeListener {
 public:
  SimulatedWatcher(FileTree& tree, const asio::any_io_executor& executor, Clock& clock, SeededRandom random, PlantedBug bug);
  ~SimulatedWatcher() override;

  Result<store::WatchId> watch(const std::filesystem::path& directory, store::WatchFor what) override;
  void unwatch(store::WatchId id) override;
  Task<Result<std::vector<store::WatchEvent>>> next() override;

 private:
  struct Watched {
    InodePtr directory;
    store::WatchFor what;
  };

  void on_name(const InodePtr& directory, const std::string& name, const Inode& inode, store::WatchKind kind) override;
  void on_write(const Inode& inode) override;
  void on_gone(const Inode& directory) override;
  void push(store::WatchEvent event);

  FileTree& tree_;
  Clock& clock_;
  SeededRandom random_;
  PlantedBug bug_;
  Event news_;
  std::map<store::WatchId, Watched> watched_;
  std::vector<store::WatchEvent> queue_;
  int next_id_ = 1;
};

}  // namespace mailmirror::simulation
