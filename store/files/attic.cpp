#include "store/files/attic.hpp"

#include "store/files/copy_file.hpp"
#include "store/files/folder_tree.hpp"
#include "store/files/remove_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace mailmirror::store {
namespace {

constexpr int kTries = 8;

std::string name_of_day(std::chrono::sys_days date) {
  const std::chrono::year_month_day day(date);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::optional<std::chrono::sys_days> day_named(std::string_view name) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto read = [](std::string_view digits, auto& number) {
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return failure == std::errc() && end == digits.data() + digits.size();
  };
  if (name.size() != 10 || !read(name.substr(0, 4), year) || !read(name.substr(5, 2), month) || !read(name.substr(8), day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || name_of_day(date) != name) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// One batch on its way from a folder into the attic.
class Taking {
 public:
  Taking(MaildirFolder& from, MaildirFolder& to) : from_(from), to_(to) {}

  /// Gives the file a second name in the attic, or a copy. Error missing: it is gone, or isn't the file that was seen.
  Result<void> secure(const Leaving& leaving) {
    const auto& file = leaving.file;
    const auto stamp = from_.stamp(file);
    MAILMIRROR_TRY(stamp);
    if (leaving.as_seen && !stamp->same_bytes(*leaving.as_seen)) return fail(ErrorKind::missing, file.unique + " was written to");
    auto now = from_.find(file.unique);
    MAILMIRROR_TRY(now);
    if (!*now) return fail(ErrorKind::missing, file.unique + " is gone");
    auto kept = keep(**now, *stamp);
    MAILMIRROR_TRY(kept);
    taken_.push_back({std::move(**now), std::move(*kept), *stamp});
    return ok();
  }

  /// Only now the sources go. nullopt: it stays, since it was written to.
  Result<std::vector<std::optional<std::filesystem::path>>> finish() {
    const auto durable = to_.sync();
    MAILMIRROR_TRY(durable);
    std::vector<std::optional<std::filesystem::path>> paths;
    for (const auto& one : taken_) {
      const auto gone = from_.remove_unchanged(one.source, one.seen);
      if (!gone && gone.error().kind != ErrorKind::missing) return gone.error();
      const bool stays = gone && *gone == MaildirFolder::Removal::changed;
      if (stays) drop_if_shared(one);
      paths.push_back(stays ? std::nullopt : std::optional(to_.at(one.kept.place).path() / one.kept.name()));
    }
    return paths;
  }

 private:
  struct One {
    MaildirFile source;
    MaildirFile kept;
    FileStamp seen;
  };

  /// Written to in place, it is the one file under two names: here it would go on changing.
  void drop_if_shared(const One& one) {
    const auto here = to_.at(one.kept.place).stamp(one.kept.name());
    if (here && here->same_file(one.seen)) static_cast<void>(to_.at(one.kept.place).unlink(one.kept.name()));
  }

  Result<MaildirFile> keep(const MaildirFile& file, const FileStamp& stamp) {
    // A crash after the link and before the unlink: it is here already.
    const auto here = to_.at(file.place).stamp(file.name());
    if (here && here->same_file(stamp) && stamp.links == 2) return file;
    if (stamp.links > 1) return copied(file, stamp);
    auto kept = linked(file);
    if (!kept && kept.error().kind == ErrorKind::unsupported) return copied(file, stamp);
    return kept;
  }

  Result<MaildirFile> linked(const MaildirFile& file) {
    const auto opened = from_.open_read(file);
    MAILMIRROR_TRY(opened);
    const auto durable = (*opened)->sync();
    MAILMIRROR_TRY(durable);
    return named(file, [&](const MaildirFile& target) {
      return from_.at(file.place).link(file.name(), to_.at(target.place), target.name());
    });
  }

  Result<MaildirFile> copied(const MaildirFile& file, const FileStamp& stamp) {
    const auto source = from_.open_read(file);
    MAILMIRROR_TRY(source);
    const auto name = fmt::format("mm-{:x}-{:x}", stamp.device, stamp.inode);
    const auto leftover = to_.tmp().unlink(name);
    if (!leftover && leftover.error().kind != ErrorKind::missing) return leftover.error();
    const auto target = to_.tmp().create_exclusive(name);
    MAILMIRROR_TRY(target);
    const auto written = copy_file(**source, **target);
    MAILMIRROR_TRY(written);
    return named(file, [&](const MaildirFile& kept) { return to_.tmp().rename_noreplace(name, to_.at(kept.place), kept.name()); });
  }

  /// Where the name is taken by another file, the next one is tried.
  template <class Name>
  Result<MaildirFile> named(const MaildirFile& file, Name give_name) {
    auto target = file;
    for (int attempt = 1;; ++attempt) {
      const auto done = give_name(target);
      if (done) return target;
      if (done.error().kind != ErrorKind::exists || attempt == kTries) return done.error();
      target.unique = with_discriminator(file.unique, fmt::format("{:x}", attempt));
    }
  }

  MaildirFolder& from_;
  MaildirFolder& to_;
  std::vector<One> taken_;
};

}  // namespace

Result<Attic> Attic::open(Disk& disk, const std::filesystem::path& path) {
  const auto made = disk.make_root(path);
  MAILMIRROR_TRY(made);
  return Attic(disk, path);
}

Result<std::filesystem::path> Attic::take(MaildirFolder& folder, const MaildirFile& file, const std::string& directory,
                                          std::chrono::sys_days date) {
  const auto taken = take_all(folder, {file}, directory, date);
  MAILMIRROR_TRY(taken);
  if (!taken->front()) return fail(ErrorKind::missing, (folder.at(file.place).path() / file.name()).string() + " is gone");
  return path_ / *taken->front();
}

Result<std::vector<std::optional<std::string>>> Attic::take_all(MaildirFolder& folder, const std::vector<Leaving>& files,
                                                                const std::string& directory, std::chrono::sys_days date) {
  if (files.empty()) return std::vector<std::optional<std::string>>();
  auto target = MaildirFolder::create(*disk_, path_, name_of_day(date) + "/" + (directory.empty() ? "INBOX" : directory));
  MAILMIRROR_TRY(target);
  Taking taking(folder, *target);
  std::vector<bool> secured;
  for (const auto& file : files) {
    const auto done = taking.secure(file);
    if (!done && done.error().kind != ErrorKind::missing) return done.error();
    secured.push_back(done.has_value());
  }
  auto paths = taking.finish();
  MAILMIRROR_TRY(paths);
  std::vector<std::optional<std::string>> places;
  auto next = paths->begin();
  for (const bool is_there : secured) {
    const auto path = is_there ? *next++ : std::nullopt;
    places.push_back(path ? std::optional(path->lexically_relative(path_).string()) : std::nullopt);
  }
  return places;
}

Result<MaildirFile> Attic::bring_back(const std::string& place, const Digest& digest, MaildirFolder& folder, const std::string& unique,
                                      const std::string& letters) {
  const std::filesystem::path path(place);
  const auto from = open_beneath(*disk_, path_, path.parent_path().string());
  MAILMIRROR_TRY(from);
  const auto source = (*from)->open_read(path.filename().string());
  MAILMIRROR_TRY(source);
  // Left behind by a stop in the middle of this.
  const auto leftover = folder.tmp().unlink(unique);
  if (!leftover && leftover.error().kind != ErrorKind::missing) return leftover.error();
  const auto target = folder.tmp().create_exclusive(unique);
  MAILMIRROR_TRY(target);
  const auto copied = copy_file(**source, **target);
  MAILMIRROR_TRY(copied);
  const auto drop = [&] { static_cast<void>(folder.tmp().unlink(unique)); };
  if (digest.known() && *copied != digest) {
    drop();
    return fail(ErrorKind::conflict, fmt::format("{} was changed since it was laid into the attic: it isn't the message of then any more",
                                                 (path_ / path).string()));
  }
  const MaildirFile file{unique, letters, letters.empty() ? Place::new_ : Place::cur, !letters.empty()};
  const auto shown = folder.tmp().rename_noreplace(unique, folder.at(file.place), file.name());
  if (!shown) drop();
  MAILMIRROR_TRY(shown);
  return file;
}

Result<FileStamp> Attic::stamp(const std::string& place) const {
  const std::filesystem::path path(place);
  const auto directory = open_beneath(*disk_, path_, path.parent_path().string());
  MAILMIRROR_TRY(directory);
  return (*directory)->stamp(path.filename().string());
}

Result<AtticPlaces> Attic::places_in(const std::string& directory, std::size_t days) const {
  const auto newest = days_kept();
  MAILMIRROR_TRY(newest);
  AtticPlaces places;
  for (auto day = newest->rbegin(); day != newest->rend() && days > 0; ++day) {
    const auto folder = name_of_day(*day) + "/" + (directory.empty() ? "INBOX" : directory);
    bool is_there = false;
    for (const auto* place : {"cur", "new"}) {
      const auto listed = list_place(folder + "/" + place, places);
      MAILMIRROR_TRY(listed);
      is_there = is_there || *listed;
    }
    if (is_there) --days;
  }
  return places;
}

/// False: there is no such directory.
Result<bool> Attic::list_place(const std::string& directory, AtticPlaces& places) const {
  const auto opened = open_beneath(*disk_, path_, directory);
  if (!opened && opened.error().kind == ErrorKind::missing) return false;
  MAILMIRROR_TRY(opened);
  const auto listed = (*opened)->list([&](std::string_view name, EntryKind kind) {
    if (kind == EntryKind::file) places.emplace(split_name(name).unique, directory + "/" + std::string(name));
  });
  MAILMIRROR_TRY(listed);
  return true;
}

Result<std::vector<std::chrono::sys_days>> Attic::days_kept() const {
  const auto root = disk_->open_root(path_);
  MAILMIRROR_TRY(root);
  std::vector<std::chrono::sys_days> days;
  const auto listed = (*root)->list([&](std::string_view name, EntryKind kind) {
    const auto day = kind == EntryKind::directory ? day_named(name) : std::nullopt;
    if (day) days.push_back(*day);
  });
  MAILMIRROR_TRY(listed);
  std::sort(days.begin(), days.end());
  return days;
}

Result<std::uint64_t> Attic::purge(std::chrono::sys_days before) {
  const auto days = days_kept();
  MAILMIRROR_TRY(days);
  const auto root = disk_->open_root(path_);
  MAILMIRROR_TRY(root);
  std::uint64_t removed = 0;
  for (const auto day : *days) {
    if (day >= before) break;
    const auto gone = remove_tree(**root, name_of_day(day));
    MAILMIRROR_TRY(gone);
    removed += *gone;
  }
  const auto durable = (*root)->sync();
  MAILMIRROR_TRY(durable);
  return removed;
}

}  // namespace mailmirror::store
