#include "store/files/maildir.hpp"

#include "store/files/folder_tree.hpp"
#include "store/files/name_index.hpp"

#include <boost/assert.hpp>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace mailmirror::store {
namespace {

/// A name may change between a look at it and its use, again and again; nobody does that for long.
constexpr int kLooks = 5;
/// Listings of a busy folder before `confirm_absent` gives up.
constexpr int kListings = 6;

DirectoryStamp directory_stamp(const FileStamp& stamp) {
  return {stamp.inode, static_cast<std::uint64_t>(stamp.mtime_ns), static_cast<std::uint64_t>(stamp.ctime_ns),
          static_cast<std::uint64_t>(stamp.birth_ns)};
}

bool is_missing(const Error& error) { return error.kind == ErrorKind::missing; }

}  // namespace

struct MaildirFolder::State {
  Disk& disk;
  std::filesystem::path root;
  std::string directory;
  std::unique_ptr<Directory> base;
  std::unique_ptr<Directory> cur;
  std::unique_ptr<Directory> new_;
  std::unique_ptr<Directory> tmp;

  /// What the last listing showed; a hint, proven by a stat before it is believed.
  std::mutex mutex;
  std::shared_ptr<const NameIndex> index;
  /// Names that we gave since then.
  std::unordered_map<std::string, MaildirFile> renamed;

  [[nodiscard]] const Directory& at(Place place) const { return place == Place::cur ? *cur : *new_; }

  /// The open directories must be those that the path names: a removed or replaced folder would look empty.
  [[nodiscard]] Result<void> check_in_place() const;
  [[nodiscard]] Result<FolderStamps> stamps() const;
  [[nodiscard]] Result<std::shared_ptr<const NameIndex>> list();

  [[nodiscard]] std::optional<MaildirFile> remembered(const std::string& unique);
  /// nullopt: it isn't called so any more.
  [[nodiscard]] Result<std::optional<MaildirFile>> if_there(const MaildirFile& file) const;
  [[nodiscard]] Result<std::optional<MaildirFile>> find(const std::string& unique);
  void remember(const MaildirFile& file);
  void forget(const std::string& unique);

  /// Sorts out the names from `first` up to `last`, which share a unique part.
  Result<void> settle_twins(const NameIndex& index, std::size_t first, std::size_t last, FolderScan& scan) const;

  /// Calls `use` with the file's name of now; again with the new one if it is renamed meanwhile.
  template <class Use>
  auto with_current_name(MaildirFile file, Use use) -> decltype(use(file));
};

Result<void> MaildirFolder::State::check_in_place() const {
  const auto now = open_beneath(disk, root, directory);
  MAILMIRROR_TRY(now);
  for (const auto& [name, open] : {std::pair{"cur", cur.get()}, std::pair{"new", new_.get()}}) {
    const auto named = (*now)->stamp(name);
    MAILMIRROR_TRY(named);
    const auto held = open->stamp();
    MAILMIRROR_TRY(held);
    if (!named->same_file(*held)) return fail(ErrorKind::missing, open->path().string() + ": the directory was replaced by another");
  }
  return ok();
}

Result<FolderStamps> MaildirFolder::State::stamps() const {
  const auto in_place = check_in_place();
  MAILMIRROR_TRY(in_place);
  const auto of_cur = cur->stamp();
  MAILMIRROR_TRY(of_cur);
  const auto of_new = new_->stamp();
  MAILMIRROR_TRY(of_new);
  return FolderStamps{directory_stamp(*of_cur), directory_stamp(*of_new)};
}

Result<std::shared_ptr<const NameIndex>> MaildirFolder::State::list() {
  auto fresh = std::make_shared<NameIndex>();
  {
    const std::lock_guard lock(mutex);
    renamed.clear();
  }
  // new/ first: what a mail program moves to cur/ meanwhile is seen twice, not missed.
  for (const auto place : {Place::new_, Place::cur}) {
    const auto listed = at(place).list([&](std::string_view name, EntryKind kind) {
      if (kind == EntryKind::file) fresh->add(name, place);
    });
    MAILMIRROR_TRY(listed);
  }
  const auto in_place = check_in_place();
  MAILMIRROR_TRY(in_place);
  fresh->sort();
  const std::lock_guard lock(mutex);
  index = fresh;
  return index;
}

std::optional<MaildirFile> MaildirFolder::State::remembered(const std::string& unique) {
  const std::lock_guard lock(mutex);
  if (const auto known = renamed.find(unique); known != renamed.end()) return known->second;
  if (!index) return std::nullopt;
  const auto at = index->lower_bound(unique);
  if (at == index->size() || index->unique(at) != unique) return std::nullopt;
  return index->file(at);
}

Result<std::optional<MaildirFile>> MaildirFolder::State::if_there(const MaildirFile& file) const {
  const auto found = at(file.place).stamp(file.name());
  if (!found && is_missing(found.error())) return std::optional<MaildirFile>();
  MAILMIRROR_TRY(found);
  return std::optional(file);
}

Result<std::optional<MaildirFile>> MaildirFolder::State::find(const std::string& unique) {
  if (const auto known = remembered(unique)) {
    auto there = if_there(*known);
    if (!there || *there) return there;
  }
  for (int look = 0; look < kLooks; ++look) {
    const auto listed = list();
    MAILMIRROR_TRY(listed);
    for (auto at = (*listed)->lower_bound(unique); at < (*listed)->size() && (*listed)->unique(at) == unique; ++at) {
      auto there = if_there((*listed)->file(at));
      if (!there || *there) return there;
    }
    if (!(*listed)->contains(unique)) return std::optional<MaildirFile>();
  }
  return fail(ErrorKind::conflict, (base->path() / unique).string() + ": another program keeps renaming this file; it is left for the next pass");
}

void MaildirFolder::State::remember(const MaildirFile& file) {
  const std::lock_guard lock(mutex);
  if (index) renamed.insert_or_assign(file.unique, file);
}

void MaildirFolder::State::forget(const std::string& unique) {
  const std::lock_guard lock(mutex);
  renamed.erase(unique);
}

Result<void> MaildirFolder::State::settle_twins(const NameIndex& index, std::size_t first, std::size_t last, FolderScan& scan) const {
  std::vector<FileStamp> seen;
  for (auto at = first; at < last; ++at) {
    auto file = index.file(at);
    const auto stamp = this->at(file.place).stamp(file.name());
    if (!stamp && is_missing(stamp.error())) continue;
    MAILMIRROR_TRY(stamp);
    const bool known = std::any_of(seen.begin(), seen.end(), [&](const FileStamp& other) { return other.same_file(*stamp); });
    if (known) continue;
    (seen.empty() ? scan.files : scan.duplicates).push_back(std::move(file));
    seen.push_back(*stamp);
  }
  // All of its names went since: it is on its way to another one, and surely not gone.
  if (seen.empty()) scan.files.push_back(index.file(first));
  return ok();
}

template <class Use>
auto MaildirFolder::State::with_current_name(MaildirFile file, Use use) -> decltype(use(file)) {
  for (int look = 0;; ++look) {
    auto done = use(file);
    if (done || !is_missing(done.error()) || look == kLooks) return done;
    forget(file.unique);
    const auto now = find(file.unique);
    MAILMIRROR_TRY(now);
    if (!*now) return done;
    file = **now;
  }
}

MaildirFolder::MaildirFolder(std::unique_ptr<State> state) : state_(std::move(state)) {}
MaildirFolder::~MaildirFolder() = default;
MaildirFolder::MaildirFolder(MaildirFolder&&) noexcept = default;
MaildirFolder& MaildirFolder::operator=(MaildirFolder&&) noexcept = default;

Result<MaildirFolder> MaildirFolder::open(Disk& disk, const std::filesystem::path& root, const std::string& directory) {
  auto base = open_beneath(disk, root, directory);
  MAILMIRROR_TRY(base);
  auto cur = (*base)->open_directory("cur");
  MAILMIRROR_TRY(cur);
  auto fresh = make_and_open(**base, "new");
  MAILMIRROR_TRY(fresh);
  auto tmp = make_and_open(**base, "tmp");
  MAILMIRROR_TRY(tmp);
  return MaildirFolder(std::unique_ptr<State>(
      new State{disk, root, directory, std::move(*base), std::move(*cur), std::move(*fresh), std::move(*tmp), {}, {}, {}}));
}

Result<MaildirFolder> MaildirFolder::create(Disk& disk, const std::filesystem::path& root, const std::string& directory) {
  const auto base = make_beneath(disk, root, directory);
  MAILMIRROR_TRY(base);
  // cur/ last: it makes the directory a folder.
  for (const auto* name : {"tmp", "new", "cur"}) {
    const auto made = make_and_open(**base, name);
    MAILMIRROR_TRY(made);
  }
  return open(disk, root, directory);
}

Result<FolderStamps> MaildirFolder::stamps() const { return state_->stamps(); }

Result<FolderScan> MaildirFolder::scan() const {
  FolderScan scan;
  const auto before = state_->stamps();
  MAILMIRROR_TRY(before);
  scan.before = *before;
  const auto listed = state_->list();
  MAILMIRROR_TRY(listed);
  const auto& index = **listed;
  scan.files.reserve(index.size());
  for (std::size_t first = 0, last = 0; first < index.size(); first = last) {
    for (last = first + 1; last < index.size() && index.unique(last) == index.unique(first);) ++last;
    if (last - first == 1) {
      scan.files.push_back(index.file(first));
      continue;
    }
    const auto settled = state_->settle_twins(index, first, last, scan);
    MAILMIRROR_TRY(settled);
  }
  return scan;
}

Result<std::optional<MaildirFile>> MaildirFolder::find(std::string_view unique) const { return state_->find(std::string(unique)); }

Result<std::vector<std::string>> MaildirFolder::confirm_absent(const std::vector<std::string>& uniques) const {
  std::vector<std::string> absent(uniques);
  const auto drop_seen = [&](const NameIndex& listed) { std::erase_if(absent, [&](const auto& unique) { return listed.contains(unique); }); };
  const auto first = state_->list();
  MAILMIRROR_TRY(first);
  drop_seen(**first);
  for (int listing = 1; listing < kListings && !absent.empty(); ++listing) {
    const auto before = state_->stamps();
    MAILMIRROR_TRY(before);
    const auto again = state_->list();
    MAILMIRROR_TRY(again);
    drop_seen(**again);
    const auto after = state_->stamps();
    MAILMIRROR_TRY(after);
    if (*before == *after) return absent;
  }
  return std::vector<std::string>();
}

Result<std::unique_ptr<File>> MaildirFolder::open_read(const MaildirFile& file) const {
  return state_->with_current_name(file, [this](const MaildirFile& now) { return at(now.place).open_read(now.name()); });
}

Result<FileStamp> MaildirFolder::stamp(const MaildirFile& file) const {
  return state_->with_current_name(file, [this](const MaildirFile& now) { return at(now.place).stamp(now.name()); });
}

Result<MaildirFile> MaildirFolder::change_letters(const MaildirFile& file, std::string_view letters) {
  auto changed = state_->with_current_name(file, [&](const MaildirFile& now) -> Result<MaildirFile> {
    const MaildirFile wanted{now.unique, with_unknown_letters(letters, now.letters), Place::cur, true};
    const bool stays = now.place == Place::new_ ? wanted.letters.empty() : wanted.letters == normalized_letters(now.letters);
    if (stays) return now;
    const auto renamed = at(now.place).rename_noreplace(now.name(), at(Place::cur), wanted.name());
    MAILMIRROR_TRY(renamed);
    return wanted;
  });
  if (!changed && changed.error().kind == ErrorKind::exists) return fail(ErrorKind::conflict, changed.error().message);
  if (changed) state_->remember(*changed);
  return changed;
}

Result<MaildirFile> MaildirFolder::change_unique(const MaildirFile& file, std::string_view unique) {
  return move_into(*this, file, unique, file.letters);
}

Result<MaildirFile> MaildirFolder::move_into(MaildirFolder& target, const MaildirFile& file, std::string_view unique,
                                             std::string_view letters) {
  auto moved = state_->with_current_name(file, [&](const MaildirFile& now) -> Result<MaildirFile> {
    const bool stays_new = letters.empty() && now.place == Place::new_;
    MaildirFile wanted{std::string(unique), std::string(letters), stays_new ? Place::new_ : Place::cur, !stays_new};
    const auto renamed = at(now.place).rename_noreplace(now.name(), target.at(wanted.place), wanted.name());
    MAILMIRROR_TRY(renamed);
    return wanted;
  });
  if (moved) target.state_->remember(*moved);
  return moved;
}

Result<void> MaildirFolder::remove(const MaildirFile& file) {
  return state_->with_current_name(file, [this](const MaildirFile& now) { return at(now.place).unlink(now.name()); });
}

Result<void> MaildirFolder::sync() const {
  for (const auto* directory : {state_->new_.get(), state_->cur.get(), state_->base.get()}) {
    const auto durable = directory->sync();
    MAILMIRROR_TRY(durable);
  }
  return ok();
}

Result<void> MaildirFolder::sync_files(const std::vector<MaildirFile>& files) const {
  for (const auto& file : files) {
    const auto opened = open_read(file);
    if (!opened && is_missing(opened.error())) continue;
    MAILMIRROR_TRY(opened);
    const auto durable = (*opened)->sync();
    MAILMIRROR_TRY(durable);
  }
  return ok();
}

Result<std::uint64_t> MaildirFolder::clean_tmp(std::chrono::sys_seconds before) const {
  std::vector<std::string> names;
  const auto listed = tmp().list([&](std::string_view name, EntryKind kind) {
    if (kind == EntryKind::file) names.emplace_back(name);
  });
  MAILMIRROR_TRY(listed);
  std::uint64_t removed = 0;
  for (const auto& name : names) {
    const auto stamp = tmp().stamp(name);
    if (!stamp || std::chrono::nanoseconds(stamp->ctime_ns) >= before.time_since_epoch()) continue;
    const auto gone = tmp().unlink(name);
    if (!gone && !is_missing(gone.error())) return gone.error();
    ++removed;
  }
  return removed;
}

const Directory& MaildirFolder::base() const { return *state_->base; }
const Directory& MaildirFolder::tmp() const { return *state_->tmp; }
const Directory& MaildirFolder::at(Place place) const { return state_->at(place); }

}  // namespace mailmirror::store
