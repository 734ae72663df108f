// Where files rest after a deletion that came from the server: ATTIC/YYYY-MM-DD/MAILBOX/{cur,new,tmp}, Maildirs that any program
// reads.
//
// All of it BLOCKS.
#pragma once

#include "store/files/maildir.hpp"
#include "sync/base/digest.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::store {

/// Files of the attic by the part of their name before ":2,".
using AtticPlaces = std::map<std::string, std::string, std::less<>>;

/// A file on its way there.
struct Leaving {
  // NOLINTNEXTLINE(google-explicit-constructor): a file by itself is one that wasn't looked at before.
  Leaving(MaildirFile maildir_file, std::optional<FileStamp> stamp = std::nullopt) : file(std::move(maildir_file)), as_seen(stamp) {}

  MaildirFile file;
  std::optional<FileStamp> as_seen;  ///< when it was decided about
};

/// Directories 0700. Any number of threads. A *place* is relative to the attic: DATE/DIRECTORY/{cur,new}/NAME.
class Attic {
 public:
  /// Makes the directory if it isn't there. `disk` must outlive the attic.
  static Result<Attic> open(Disk& disk, const std::filesystem::path& path);

  /// Moves the file to DATE/DIRECTORY/{cur,new}; `directory` is the mailbox's, relative to the Maildir's root ("" is kept as
  /// INBOX). Bytes and name are durable in the attic before the file goes (its going is durable after `folder.sync()`). Files with
  /// a second hard link, and those on another file system, are copied. Returns the path there. Error missing where the file is
  /// gone.
  Result<std::filesystem::path> take(MaildirFolder& folder, const MaildirFile& file, const std::string& directory,
                                     std::chrono::sys_days date);

  /// A batch at the price of few syncs. Returns for each file its place; nullopt: it was gone already, or was written to since it was
  /// seen, up to the instant of its removal: then it stays in its folder (hard case 14). After an Error every file is still in its
  /// folder or in the attic, or both.
  Result<std::vector<std::optional<std::string>>> take_all(MaildirFolder& folder, const std::vector<Leaving>& files,
                                                           const std::string& directory, std::chrono::sys_days date);

  /// Writes the file at this place into `folder` once more, in new/ where it has no letters, else in cur/; in the attic it stays.
  /// Its bytes are durable then, its name is after `folder.sync()`. Errors: missing (it isn't there any more), conflict (its bytes
  /// aren't those with this digest, if that is known), exists (another file has the name).
  Result<MaildirFile> bring_back(const std::string& place, const Digest& digest, MaildirFolder& folder, const std::string& unique,
                                 const std::string& letters);

  /// Error missing: nothing rests at this place.
  [[nodiscard]] Result<FileStamp> stamp(const std::string& place) const;

  /// What came from `directory` on the latest `days` on which anything did.
  [[nodiscard]] Result<AtticPlaces> places_in(const std::string& directory, std::size_t days) const;

  /// Removes the days before `date`, for good. Returns how many files went. What isn't named like a day stays.
  Result<std::uint64_t> purge(std::chrono::sys_days before);

 private:
  Attic(Disk& disk, std::filesystem::path path) : disk_(&disk), path_(std::move(path)) {}
  [[nodiscard]] Result<std::vector<std::chrono::sys_days>> days_kept() const;
  [[nodiscard]] Result<bool> list_place(const std::string& directory, AtticPlaces& places) const;

  Disk* disk_;
  std::filesystem::path path_;
};

}  // namespace mailmirror::store
