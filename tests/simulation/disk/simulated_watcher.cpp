#include "tests/simulation/disk/simulated_watcher.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace mailmirror::simulation {

using store::WatchEvent;
using store::WatchFor;
using store::WatchId;
using store::WatchKind;

namespace {

constexpr unsigned kEventsToAnOverflow = 400;

}  // namespace

SimulatedWatcher::SimulatedWatcher(FileTree& tree, const asio::any_io_executor& executor, Clock& clock, SeededRandom random, PlantedBug bug)
    : tree_(tree), clock_(clock), random_(random), bug_(bug), news_(executor) {
  tree_.listen(this);
}

SimulatedWatcher::~SimulatedWatcher() {
  tree_.listen(nullptr);
}

Result<WatchId> SimulatedWatcher::watch(const std::filesystem::path& directory, WatchFor what) {
  const auto inode = tree_.find(directory);
  if (!inode) return error_from_errno(ENOENT, "can't watch " + directory.string());
  if (!inode->is_directory()) return error_from_errno(ENOTDIR, "can't watch " + directory.string());
  const auto known = std::any_of(watched_.begin(), watched_.end(), [&](const auto& entry) { return entry.second.directory == inode; });
  if (known) return fail(ErrorKind::exists, directory.string() + " is watched already");
  const WatchId id{next_id_++};
  watched_.emplace(id, Watched{inode, what});
  return id;
}

void SimulatedWatcher::unwatch(WatchId id) {
  watched_.erase(id);
}

Task<Result<std::vector<WatchEvent>>> SimulatedWatcher::next() {
  while (queue_.empty()) co_await news_.wait();
  const auto moment = std::chrono::microseconds(random_.between(10, 3000));
  co_await clock_.sleep(moment);
  co_return std::exchange(queue_, {});
}

void SimulatedWatcher::on_name(const InodePtr& directory, const std::string& name, const Inode& inode, WatchKind kind) {
  for (const auto& [id, watched] : watched_)
    if (watched.directory == directory && inode.is_directory() == (watched.what == WatchFor::folders)) push({id, kind, name});
}

void SimulatedWatcher::on_write(const Inode& inode) {
  for (const auto& [id, watched] : watched_)
    for (const auto& [name, entry] : watched.directory->entries)
      if (entry.get() == &inode && watched.what == WatchFor::messages) push({id, WatchKind::written, name});
}

void SimulatedWatcher::on_gone(const Inode& directory) {
  const auto own = std::find_if(watched_.begin(), watched_.end(), [&](const auto& entry) { return entry.second.directory.get() == &directory; });
  if (own == watched_.end()) return;
  const auto id = own->first;
  watched_.erase(own);
  push({id, WatchKind::self_gone, {}});
}

void SimulatedWatcher::push(WatchEvent event) {
  if (bug_ == PlantedBug::local_news_unheard && event.kind != WatchKind::self_gone) return;
  if (random_.below(kEventsToAnOverflow) == 0) {
    queue_.clear();
    event = {WatchId{}, WatchKind::overflow, {}};
  }
  queue_.push_back(std::move(event));
  news_.notify();
}

}  // namespace mailmirror::simulation
