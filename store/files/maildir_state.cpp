#include "store/files/maildir_state.hpp"

#include "store/files/folder_tree.hpp"

#include <algorithm>
#include <utility>

namespace mailmirror::store {
namespace {

DirectoryStamp directory_stamp(const FileStamp& stamp) {
  return {stamp.inode, static_cast<std::uint64_t>(stamp.mtime_ns), static_cast<std::uint64_t>(stamp.ctime_ns),
          static_cast<std::uint64_t>(stamp.birth_ns)};
}

bool is_missing(const Error& error) {
  return error.kind == ErrorKind::missing;
}

}  // namespace

Result<void> MaildirFolder::State::check_in_place() const {
  const auto now = open_beneath(disk, root, directory);
  MAILMIRROR_TRY(now);
  for (const auto& [name, open] : {std::pair{"cur", cur.get()}, std::pair{"new", new_.get()}}) {
    const auto named = (*now)->stamp(name);
    MAILMIRROR_TRY(named);
    const auto held = open->stamp();
    MAILMIRROR_TRY(held);
    if (!named->same_file(*held))
      return fail(ErrorKind::missing, open->path().string() + ": the directory was replaced by another");
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
  return fail(ErrorKind::conflict,
              (base->path() / unique).string() + ": another program keeps renaming this file; it is left for the next pass");
}

void MaildirFolder::State::remember(const MaildirFile& file) {
  const std::lock_guard lock(mutex);
  if (index) renamed.insert_or_assign(file.unique, file);
}

void MaildirFolder::State::forget(const std::string& unique) {
  const std::lock_guard lock(mutex);
  renamed.erase(unique);
}

Result<void> MaildirFolder::State::settle_twins(const NameIndex& index, std::size_t first, std::size_t last,
                                                FolderScan& scan) const {
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

Result<void> MaildirFolder::State::drop_other_names(const MaildirFile& file, const FileStamp& stamp) {
  // The last listing will do: such traces are old, and a fresh one for each of many linked files would be slow.
  auto known = [&] {
    const std::lock_guard lock(mutex);
    return index;
  }();
  if (!known) {
    auto listed = list();
    MAILMIRROR_TRY(listed);
    known = std::move(*listed);
  }
  const auto& names = *known;
  for (auto n = names.lower_bound(file.unique); n < names.size() && names.unique(n) == file.unique; ++n) {
    const auto other = names.file(n);
    const auto found = other == file ? Result<FileStamp>(FileStamp()) : at(other.place).stamp(other.name());
    if (!found && is_missing(found.error())) continue;
    MAILMIRROR_TRY(found);
    if (!found->same_file(stamp)) continue;
    const auto gone = at(other.place).unlink(other.name());
    if (!gone && !is_missing(gone.error())) return gone;
  }
  return ok();
}

}  // namespace mailmirror::store
