#include "tests/simulation/disk/file_tree.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace mailmirror::simulation {

FileTree::FileTree(Clock& clock, SeededRandom random) : clock_(clock), random_(random), root_(std::make_shared<Inode>()) {
  root_->number = next_inode_++;
  root_->kind = store::EntryKind::directory;
  root_->links = 1;
}

std::int64_t FileTree::now() const {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.system_now().time_since_epoch()).count();
}

void FileTree::touch(Inode& inode) {
  inode.mtime_ns = inode.ctime_ns = now();
  ++changes_;
}

void FileTree::tell(const InodePtr& directory, const std::string& name, const InodePtr& inode, store::WatchKind kind) const {
  if (listener_ == nullptr) return;
  listener_->on_name(directory, name, *inode, kind);
  if (kind == store::WatchKind::gone && inode->is_directory()) listener_->on_gone(*inode);
}

InodePtr FileTree::find(const std::filesystem::path& path) const {
  auto at = root_;
  for (const auto& part : path.relative_path()) {
    if (part.empty()) continue;
    const auto next = at->entries.find(part.string());
    if (next == at->entries.end()) return nullptr;
    at = next->second;
  }
  return at;
}

bool FileTree::holds_bytes(const InodePtr& directory, const std::string& bytes) {
  return std::any_of(directory->entries.begin(), directory->entries.end(), [&](const auto& entry) {
    const auto& inode = entry.second;
    return inode->is_directory() ? holds_bytes(inode, bytes) : inode->bytes == bytes;
  });
}

InodePtr FileTree::make_directories(const std::filesystem::path& path) {
  auto at = root_;
  for (const auto& part : path.relative_path()) {
    if (part.empty()) continue;
    const auto next = at->entries.find(part.string());
    at = next != at->entries.end() ? next->second : create(at, part.string(), store::EntryKind::directory);
  }
  return at;
}

InodePtr FileTree::create(const InodePtr& directory, const std::string& name, store::EntryKind kind) {
  const auto made = std::make_shared<Inode>();
  made->number = next_inode_++;
  made->kind = kind;
  made->links = 1;
  touch(*made);
  made->birth_ns = made->mtime_ns;
  directory->entries[name] = made;
  touch(*directory);
  pending_.push_back({made, nullptr, {}, directory, name});
  tell(directory, name, made, store::WatchKind::created);
  return made;
}

void FileTree::append(Inode& file, std::string_view bytes) {
  file.bytes += bytes;
  touch(file);
  if (listener_ != nullptr) listener_->on_write(file);
}

void FileTree::replace_bytes(Inode& file, std::string bytes) {
  file.bytes = std::move(bytes);
  touch(file);
  if (listener_ != nullptr) listener_->on_write(file);
}

void FileTree::set_mtime(Inode& file, std::int64_t nanoseconds) {
  touch(file);
  file.mtime_ns = nanoseconds;
}

void FileTree::link(const InodePtr& inode, const InodePtr& directory, const std::string& name) {
  directory->entries[name] = inode;
  ++inode->links;
  inode->ctime_ns = now();
  touch(*directory);
  pending_.push_back({inode, nullptr, {}, directory, name});
  tell(directory, name, inode, store::WatchKind::created);
}

void FileTree::unlink(const InodePtr& directory, const std::string& name) {
  const auto entry = directory->entries.find(name);
  const auto inode = entry->second;
  directory->entries.erase(entry);
  --inode->links;
  inode->ctime_ns = now();
  touch(*directory);
  pending_.push_back({inode, directory, name, nullptr, {}});
  tell(directory, name, inode, store::WatchKind::gone);
}

void FileTree::rename(const InodePtr& from, const std::string& name, const InodePtr& to, const std::string& to_name) {
  const auto inode = from->entries.at(name);
  if (to->entries.contains(to_name) && to->entries.at(to_name) != inode) unlink(to, to_name);
  from->entries.erase(name);
  to->entries[to_name] = inode;
  inode->ctime_ns = now();
  touch(*from);
  touch(*to);
  pending_.push_back({inode, from, name, to, to_name});
  tell(from, name, inode, store::WatchKind::gone);
  tell(to, to_name, inode, store::WatchKind::moved_in);
}

void FileTree::sync_file(Inode& file) {
  file.durable_bytes = file.bytes;
}

void FileTree::apply(const Pending& change) {
  if (change.from) {
    const auto entry = change.from->durable_entries.find(change.name);
    if (entry != change.from->durable_entries.end() && entry->second == change.inode) change.from->durable_entries.erase(entry);
  }
  if (change.to) change.to->durable_entries[change.to_name] = change.inode;
}

/// What happened to the inode before `end`, in order.
void FileTree::sync_history_of(const InodePtr& inode, std::list<Pending>::iterator end) {
  for (auto at = pending_.begin(); at != end;) {
    if (at->inode != inode) {
      ++at;
      continue;
    }
    apply(*at);
    at = pending_.erase(at);
  }
}

void FileTree::sync_directory(const InodePtr& directory) {
  directory->durable_ns = directory->mtime_ns;
  for (auto at = pending_.begin(); at != pending_.end();) {
    if (at->from != directory && at->to != directory) {
      ++at;
      continue;
    }
    sync_history_of(at->inode, at);
    apply(*at);
    at = pending_.erase(at);
  }
}

void FileTree::sync_all() {
  for (const auto& change : pending_) apply(change);
  pending_.clear();
  std::vector<InodePtr> waiting{root_};
  while (!waiting.empty()) {
    const auto at = std::move(waiting.back());
    waiting.pop_back();
    sync_file(*at);
    at->durable_ns = at->mtime_ns;
    for (const auto& [name, inode] : at->entries) waiting.push_back(inode);
  }
}

void FileTree::lose_power() {
  std::set<const Inode*> cut_off;
  const unsigned survival = random_.chance(30) ? 0 : static_cast<unsigned>(random_.between(10, 90));
  for (const auto& change : std::exchange(pending_, {})) {
    if (cut_off.contains(change.inode.get())) continue;
    if (random_.chance(survival)) {
      apply(change);
      for (const auto& directory : {change.from, change.to})
        if (directory) ++directory->durable_ns;
    } else {
      cut_off.insert(change.inode.get());
    }
  }
  settle(root_);
  count_links();
  ++changes_;
}

/// Of every inode that can still be reached.
void FileTree::count_links() {
  std::vector<InodePtr> directories{root_};
  for (std::size_t n = 0; n < directories.size(); ++n)
    for (const auto& [name, inode] : InodePtr(directories[n])->entries) {
      inode->links = 0;
      if (inode->is_directory()) directories.push_back(inode);
    }
  for (const auto& directory : directories)
    for (const auto& [name, inode] : directory->entries) ++inode->links;
}

/// Now is what was durable.
void FileTree::settle(const InodePtr& directory) {
  // A directory's times go back with its names.
  if (directory->entries != directory->durable_entries) {
    directory->entries = directory->durable_entries;
    directory->mtime_ns = directory->ctime_ns = directory->durable_ns;
  }
  for (const auto& [name, inode] : directory->entries) {
    if (inode->is_directory()) {
      settle(inode);
      continue;
    }
    if (inode->durable_bytes == inode->bytes) continue;
    // A torn write: any part of it.
    const auto kept = random_.below(inode->bytes.size() + 1);
    inode->bytes = random_.chance(50) ? inode->bytes.substr(0, kept) : inode->durable_bytes;
    inode->durable_bytes = inode->bytes;
  }
}

}  // namespace mailmirror::simulation
