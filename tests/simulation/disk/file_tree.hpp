// The files of one simulated machine: what programs see now, and what would be left after a power cut.
//
// Model: names and bytes become durable by fsync only (of the directory, of the file). What isn't durable survives a power cut or not,
// each file and directory by itself, but the names of one inode keep their order: a rename survives only with what came before it,
// and is never half done.
#pragma once

#include "store/files/disk.hpp"
#include "store/watch/watcher.hpp"
#include "sync/base/clock.hpp"
#include "tests/simulation/seeded_random.hpp"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::simulation {

struct Inode;
using InodePtr = std::shared_ptr<Inode>;

struct Inode {
  std::uint64_t number = 0;
  store::EntryKind kind = store::EntryKind::file;
  std::string bytes;
  std::string durable_bytes;
  std::map<std::string, InodePtr> entries;  ///< of a directory
  std::map<std::string, InodePtr> durable_entries;
  std::uint32_t links = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::int64_t birth_ns = 0;
  std::int64_t durable_ns = 0;  ///< a directory's times as they were when its names were made durable last

  [[nodiscard]] bool is_directory() const { return kind == store::EntryKind::directory; }
};

/// Hears of changes while they are made; mustn't make any.
class TreeListener {
 public:
  virtual ~TreeListener() = default;
  virtual void on_name(const InodePtr& directory, const std::string& name, const Inode& inode, store::WatchKind kind) = 0;
  virtual void on_write(const Inode& inode) = 0;
  /// A directory lost its name.
  virtual void on_gone(const Inode& directory) = 0;
};

class FileTree {
 public:
  FileTree(Clock& clock, SeededRandom random);

  [[nodiscard]] const InodePtr& root() const { return root_; }
  /// nullptr: there is nothing.
  [[nodiscard]] InodePtr find(const std::filesystem::path& path) const;
  /// Whether any file beneath `directory` holds these bytes.
  static bool holds_bytes(const InodePtr& directory, const std::string& bytes);
  /// With those above it.
  InodePtr make_directories(const std::filesystem::path& path);

  // What system calls do. Preconditions (names free, entries there) are the callers'.
  InodePtr create(const InodePtr& directory, const std::string& name, store::EntryKind kind);
  void append(Inode& file, std::string_view bytes);
  void replace_bytes(Inode& file, std::string bytes);
  void set_mtime(Inode& file, std::int64_t nanoseconds);
  void link(const InodePtr& inode, const InodePtr& directory, const std::string& name);
  void unlink(const InodePtr& directory, const std::string& name);
  /// What stands at the goal goes.
  void rename(const InodePtr& from, const std::string& name, const InodePtr& to, const std::string& to_name);

  /// One at most; nullptr: nobody.
  void listen(TreeListener* listener) { listener_ = listener; }

  void sync_file(Inode& file);
  void sync_directory(const InodePtr& directory);
  void sync_all();

  /// The machine loses its power and starts again.
  void lose_power();

  /// Grows with each change; bytes that are merely made durable don't count.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

 private:
  /// A change of names that isn't durable. An empty `from` adds a name, an empty `to` takes one away.
  struct Pending {
    InodePtr inode;
    InodePtr from;
    std::string name;
    InodePtr to;
    std::string to_name;
  };

  void apply(const Pending& change);
  void sync_history_of(const InodePtr& inode, std::list<Pending>::iterator end);
  void touch(Inode& inode);
  void tell(const InodePtr& directory, const std::string& name, const InodePtr& inode, store::WatchKind kind) const;
  void settle(const InodePtr& directory);
  void count_links();
  [[nodiscard]] std::int64_t now() const;

  Clock& clock_;
  SeededRandom random_;
  InodePtr root_;
  std::list<Pending> pending_;
  std::uint64_t next_inode_ = 1;
  std::uint64_t changes_ = 0;
  TreeListener* listener_ = nullptr;
};

}  // namespace mailmirror::simulation
