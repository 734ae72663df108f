// What a MaildirFolder holds, and how it finds a file whose name changes under its hands.
#pragma once

#include "store/files/maildir.hpp"
#include "store/files/name_index.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace mailmirror::store {

struct MaildirFolder::State {
  /// A name may change between a look at it and its use, again and again; nobody does that for long.
  static constexpr int kLooks = 5;

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

  /// Unlinks the other names that this file (`stamp`) has under its unique part: the traces of a rename that was cut in the middle.
  Result<void> drop_other_names(const MaildirFile& file, const FileStamp& stamp);

  /// Calls `use` with the file's name of now; again with the new one if it is renamed meanwhile.
  template <class Use>
  auto with_current_name(MaildirFile file, Use use) -> decltype(use(file));
};

template <class Use>
auto MaildirFolder::State::with_current_name(MaildirFile file, Use use) -> decltype(use(file)) {
  for (int look = 0;; ++look) {
    auto done = use(file);
    if (done || done.error().kind != ErrorKind::missing || look == kLooks) return done;
    forget(file.unique);
    const auto now = find(file.unique);
    MAILMIRROR_TRY(now);
    if (!*now) return done;
    file = **now;
  }
}

}  // namespace mailmirror::store
