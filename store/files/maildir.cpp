#include "store/files/maildir.hpp"

#include "store/files/folder_tree.hpp"
#include "store/files/maildir_state.hpp"

#include <fmt/format.h>

#include <utility>

namespace mailmirror::store {
namespace {

/// Listings of a busy folder before `confirm_absent` gives up.
constexpr int kListings = 6;

bool is_missing(const Error& error) {
  return error.kind == ErrorKind::missing;
}

}  // namespace

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

Result<FolderStamps> MaildirFolder::stamps() const {
  return state_->stamps();
}

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

Result<std::optional<MaildirFile>> MaildirFolder::find(std::string_view unique) const {
  return state_->find(std::string(unique));
}

Result<std::vector<std::string>> MaildirFolder::confirm_absent(const std::vector<std::string>& uniques) const {
  std::vector<std::string> absent(uniques);
  const auto drop_seen = [&](const NameIndex& listed) {
    std::erase_if(absent, [&](const auto& unique) { return listed.contains(unique); });
  };
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
    const auto stamp = at(Place::cur).stamp(wanted.name());
    if (!stamp || stamp->links == 1) return wanted;
    const auto alone = state_->drop_other_names(wanted, *stamp);
    MAILMIRROR_TRY(alone);
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
  return state_->with_current_name(file, [this](const MaildirFile& now) -> Result<void> {
    const auto stamp = at(now.place).stamp(now.name());
    MAILMIRROR_TRY(stamp);
    if (stamp->links > 1) {
      const auto alone = state_->drop_other_names(now, *stamp);
      MAILMIRROR_TRY(alone);
    }
    return at(now.place).unlink(now.name());
  });
}

Result<MaildirFolder::Removal> MaildirFolder::remove_unchanged(const MaildirFile& file, const FileStamp& as_seen) {
  return state_->with_current_name(file, [&](const MaildirFile& now) -> Result<Removal> {
    const auto stamp = at(now.place).stamp(now.name());
    MAILMIRROR_TRY(stamp);
    if (!stamp->same_bytes(as_seen)) return Removal::changed;
    if (stamp->links > 1) {
      const auto alone = state_->drop_other_names(now, *stamp);
      MAILMIRROR_TRY(alone);
    }
    // Where nobody finds it any more, it is looked at once more.
    const auto hidden = fmt::format("mm-going-{:x}-{:x}", as_seen.device, as_seen.inode);
    const auto withdrawn = at(now.place).rename_noreplace(now.name(), tmp(), hidden);
    MAILMIRROR_TRY(withdrawn);
    const auto taken = tmp().stamp(hidden);
    MAILMIRROR_TRY(taken);
    if (taken->same_bytes(as_seen)) {
      const auto gone = tmp().unlink(hidden);
      MAILMIRROR_TRY(gone);
      return Removal::gone;
    }
    auto name = now;
    auto back = tmp().rename_noreplace(hidden, at(name.place), name.name());
    if (!back && back.error().kind == ErrorKind::exists) {
      name.unique = with_discriminator(now.unique, fmt::format("{:x}", taken->inode));
      back = tmp().rename_noreplace(hidden, at(name.place), name.name());
    }
    MAILMIRROR_TRY(back);
    return Removal::changed;
  });
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

const Directory& MaildirFolder::base() const {
  return *state_->base;
}
const Directory& MaildirFolder::tmp() const {
  return *state_->tmp;
}
const Directory& MaildirFolder::at(Place place) const {
  return state_->at(place);
}

}  // namespace mailmirror::store
