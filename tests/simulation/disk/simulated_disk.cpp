#include "tests/simulation/disk/simulated_disk.hpp"

#include <algorithm>
#include <cerrno>

namespace mailmirror::simulation {

using store::EntryKind;
using store::FileStamp;

namespace {

constexpr std::uint64_t kDevice = 7;
constexpr std::uint64_t kFreeSpace = std::uint64_t{1} << 40;

FileStamp stamp_of(const Inode& inode) {
  FileStamp stamp;
  stamp.device = kDevice;
  stamp.inode = inode.number;
  stamp.size = inode.bytes.size();
  stamp.mtime_ns = inode.mtime_ns;
  stamp.ctime_ns = inode.ctime_ns;
  stamp.birth_ns = inode.birth_ns;
  stamp.kind = inode.kind;
  stamp.links = inode.links;
  return stamp;
}

Error os_error(int number, std::string_view what, const std::filesystem::path& path) {
  return error_from_errno(number, std::string(what) + " " + path.string());
}

}  // namespace

class SimulatedFile final : public store::File {
 public:
  SimulatedFile(SimulatedDisk& disk, InodePtr inode, std::filesystem::path path)
      : disk_(disk), inode_(std::move(inode)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    if (auto failed = disk_.enter("read", path_, SimulatedDisk::Effect::reads)) return *failed;
    const auto& bytes = inode_->bytes;
    if (offset >= bytes.size()) return std::size_t{0};
    const auto count = std::min<std::size_t>(into.size(), bytes.size() - offset);
    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()) + offset, count, into.begin());
    return count;
  }

  Result<void> append(std::span<const std::byte> bytes) override {
    if (auto failed = disk_.enter("write", path_, SimulatedDisk::Effect::adds)) return *failed;
    disk_.tree_.append(*inode_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return ok();
  }

  Result<void> sync() override {
    if (auto failed = disk_.enter("make durable", path_, SimulatedDisk::Effect::changes)) return *failed;
    if (disk_.bug != PlantedBug::file_sync_skipped) disk_.tree_.sync_file(*inode_);
    return ok();
  }

  Result<void> set_mtime(std::chrono::sys_seconds time) override {
    if (auto failed = disk_.enter("set the date of", path_, SimulatedDisk::Effect::changes)) return *failed;
    disk_.tree_.set_mtime(*inode_, std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
    return ok();
  }

  [[nodiscard]] Result<FileStamp> stamp() const override {
    if (auto failed = disk_.enter("look at", path_, SimulatedDisk::Effect::reads)) return *failed;
    return stamp_of(*inode_);
  }

 private:
  SimulatedDisk& disk_;
  InodePtr inode_;
  std::filesystem::path path_;
};

class SimulatedDirectory final : public store::Directory {
 public:
  using Effect = SimulatedDisk::Effect;

  SimulatedDirectory(SimulatedDisk& disk, InodePtr inode, std::filesystem::path path)
      : disk_(disk), inode_(std::move(inode)), path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const override { return path_; }

  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
    auto inode = look_up("open", name);
    MAILMIRROR_TRY(inode);
    if (!(*inode)->is_directory()) return os_error(ENOTDIR, "open", path_ / name);
    return std::unique_ptr<Directory>(std::make_unique<SimulatedDirectory>(disk_, *inode, path_ / name));
  }

  [[nodiscard]] Result<std::unique_ptr<store::File>> open_read(std::string_view name) const override {
    auto inode = look_up("open", name);
    MAILMIRROR_TRY(inode);
    if ((*inode)->is_directory()) return fail(ErrorKind::io, "open " + (path_ / name).string() + ": not a regular file");
    return std::unique_ptr<store::File>(std::make_unique<SimulatedFile>(disk_, *inode, path_ / name));
  }

  [[nodiscard]] Result<std::unique_ptr<store::File>> create_exclusive(std::string_view name) const override {
    auto inode = add("create", name, EntryKind::file);
    MAILMIRROR_TRY(inode);
    return std::unique_ptr<store::File>(std::make_unique<SimulatedFile>(disk_, *inode, path_ / name));
  }

  Result<void> make_directory(std::string_view name) const override {
    const auto made = add("make the directory", name, EntryKind::directory);
    MAILMIRROR_TRY(made);
    return ok();
  }

  Result<void> list(const std::function<void(std::string_view name, EntryKind kind)>& visit) const override {
    if (auto failed = disk_.enter("read the directory", path_, Effect::reads)) return *failed;
    const auto entries = inode_->entries;
    const bool short_one = disk_.bug == PlantedBug::listing_cut_short && path_.filename() == "cur";
    auto left = short_one ? entries.size() / 2 : entries.size();
    for (const auto& [name, inode] : entries)
      if (left > 0 && left--) visit(name, inode->kind);
    return ok();
  }

  [[nodiscard]] Result<FileStamp> stamp(std::string_view name) const override {
    const auto inode = look_up("look at", name);
    MAILMIRROR_TRY(inode);
    return stamp_of(**inode);
  }

  [[nodiscard]] Result<FileStamp> stamp() const override {
    if (auto failed = disk_.enter("look at", path_, Effect::reads)) return *failed;
    return stamp_of(*inode_);
  }

  Result<void> rename_noreplace(std::string_view from, const Directory& to, std::string_view to_name) const override {
    const auto& target = same_kind(to);
    const auto source = look_up("rename", from, Effect::changes);
    MAILMIRROR_TRY(source);
    if (const auto single = store::check_component(to_name); !single) return single.error();
    const auto taken = target.inode_->entries.find(std::string(to_name));
    if (taken == target.inode_->entries.end()) {
      if (disk_.bug == PlantedBug::flag_rename_skipped && path_.filename() == "cur" && target.inode_ == inode_) return ok();
      if (disk_.bug == PlantedBug::file_lost_at_delivery && path_.filename() == "tmp" && (*source)->number % 8 == 0) {
        disk_.tree_.unlink(inode_, std::string(from));
        return ok();
      }
      disk_.tree_.rename(inode_, std::string(from), target.inode_, std::string(to_name));
      return ok();
    }
    if (taken->second != *source) return fail(ErrorKind::exists, (target.path_ / to_name).string() + " is there already, as another file");
    if (from != to_name || inode_ != target.inode_) disk_.tree_.unlink(inode_, std::string(from));
    return ok();
  }

  Result<void> rename_replace(std::string_view from, const Directory& to, std::string_view to_name) const override {
    const auto& target = same_kind(to);
    const auto source = look_up("rename", from, Effect::changes);
    MAILMIRROR_TRY(source);
    if (const auto single = store::check_component(to_name); !single) return single.error();
    if (target.inode_->entries.contains(std::string(to_name))) target.note_destruction(to_name);
    disk_.tree_.rename(inode_, std::string(from), target.inode_, std::string(to_name));
    return ok();
  }

  Result<void> link(std::string_view from, const Directory& to, std::string_view to_name) const override {
    const auto& target = same_kind(to);
    const auto source = look_up("link", from, Effect::adds);
    MAILMIRROR_TRY(source);
    if (const auto single = store::check_component(to_name); !single) return single.error();
    if (target.inode_->entries.contains(std::string(to_name))) return os_error(EEXIST, "link", target.path_ / to_name);
    if (disk_.bug == PlantedBug::attic_skipped) return ok();
    disk_.tree_.link(*source, target.inode_, std::string(to_name));
    return ok();
  }

  Result<void> unlink(std::string_view name) const override {
    const auto inode = look_up("remove", name, Effect::changes);
    MAILMIRROR_TRY(inode);
    if ((*inode)->is_directory()) return os_error(EISDIR, "remove", path_ / name);
    note_destruction(name);
    disk_.tree_.unlink(inode_, std::string(name));
    return ok();
  }

  Result<void> remove_directory(std::string_view name) const override {
    const auto inode = look_up("remove", name, Effect::changes);
    MAILMIRROR_TRY(inode);
    if (!(*inode)->is_directory()) return os_error(ENOTDIR, "remove", path_ / name);
    if (!(*inode)->entries.empty()) return os_error(EEXIST, "remove", path_ / name);
    disk_.tree_.unlink(inode_, std::string(name));
    return ok();
  }

  Result<void> sync() const override {
    if (auto failed = disk_.enter("make durable", path_, Effect::changes)) return *failed;
    if (disk_.bug != PlantedBug::directory_sync_skipped) disk_.tree_.sync_directory(inode_);
    return ok();
  }

  [[nodiscard]] Result<std::uint64_t> free_space() const override {
    if (auto failed = disk_.enter("look at", path_, Effect::reads)) return *failed;
    return disk_.full ? 0 : kFreeSpace;
  }

 private:
  static const SimulatedDirectory& same_kind(const Directory& directory) { return dynamic_cast<const SimulatedDirectory&>(directory); }

  [[nodiscard]] Result<InodePtr> look_up(std::string_view what, std::string_view name, Effect effect = Effect::reads) const {
    const auto single = store::check_component(name);
    MAILMIRROR_TRY(single);
    if (auto failed = disk_.enter(what, path_ / name, effect)) return *failed;
    const auto found = inode_->entries.find(std::string(name));
    if (found == inode_->entries.end()) return os_error(ENOENT, what, path_ / name);
    return found->second;
  }

  [[nodiscard]] Result<InodePtr> add(std::string_view what, std::string_view name, EntryKind kind) const {
    const auto single = store::check_component(name);
    MAILMIRROR_TRY(single);
    if (auto failed = disk_.enter(what, path_ / name, Effect::adds)) return *failed;
    // A directory that was removed takes no new names.
    if (inode_->links == 0) return os_error(ENOENT, what, path_ / name);
    if (inode_->entries.contains(std::string(name))) return os_error(EEXIST, what, path_ / name);
    return disk_.tree_.create(inode_, std::string(name), kind);
  }

  /// A message that anybody could see loses its last name.
  void note_destruction(std::string_view name) const {
    const auto place = path_.filename();
    const auto& inode = inode_->entries.at(std::string(name));
    // On its way to the attic a file loses its last name out of sight.
    const bool was_seen = place == "cur" || place == "new" || name.starts_with("mm-going-");
    if (!was_seen || inode->links > 1) return;
    const auto attic = disk_.tree_.find(disk_.attic_);
    if (!attic || !FileTree::holds_bytes(attic, inode->bytes)) disk_.destroyed_.push_back((path_ / name).string());
  }

  SimulatedDisk& disk_;
  InodePtr inode_;
  std::filesystem::path path_;
};

std::optional<Error> SimulatedDisk::enter(std::string_view what, const std::filesystem::path& path, Effect effect) {
  if (!dead_ && before_each) before_each();
  if (!dead_ && on_operation && effect != Effect::reads) on_operation(what, path);
  if (dead_) return os_error(EIO, what, path);
  if (failing_operations > 0) {
    --failing_operations;
    return os_error(EIO, what, path);
  }
  if (full && effect == Effect::adds) return os_error(ENOSPC, what, path);
  return std::nullopt;
}

void SimulatedDisk::revive() {
  dead_ = false;
  full = false;
  failing_operations = 0;
}

Result<std::unique_ptr<store::Directory>> SimulatedDisk::open_root(const std::filesystem::path& path) {
  if (auto failed = enter("open", path, Effect::reads)) return *failed;
  const auto inode = tree_.find(path);
  if (!inode) return os_error(ENOENT, "open", path);
  if (!inode->is_directory()) return os_error(ENOTDIR, "open", path);
  return std::unique_ptr<store::Directory>(std::make_unique<SimulatedDirectory>(*this, inode, path));
}

Result<void> SimulatedDisk::make_root(const std::filesystem::path& path) {
  if (auto failed = enter("make the directory", path, Effect::adds)) return *failed;
  tree_.make_directories(path);
  auto at = tree_.root();
  for (const auto& part : path.relative_path()) {
    tree_.sync_directory(at);
    at = at->entries.at(part.string());
  }
  return ok();
}

}  // namespace mailmirror::simulation
