// Where files rest after a deletion that came from the server: ATTIC/YYYY-MM-DD/MAILBOX/{cur,new,tmp}, Maildirs that any program
// reads.
//
// All of it BLOCKS.
#pragma once

#include "store/files/maildir.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <memory>
#include <string>
#include <vector>

namespace mailmirror::store {

/// Directories 0700. Any number of threads.
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

  /// A batch at the price of few syncs. Returns for each file its place, relative to the attic (DATE/DIRECTORY/{cur,new}/NAME);
  /// nullopt: it was gone already. After an Error every file is still in its folder or in the attic, or both.
  Result<std::vector<std::optional<std::string>>> take_all(MaildirFolder& folder, const std::vector<MaildirFile>& files,
                                                           const std::string& directory, std::chrono::sys_days date);

  /// Removes the days before `date`, for good. Returns how many files went. What isn't named like a day stays.
  Result<std::uint64_t> purge(std::chrono::sys_days before);

 private:
  Attic(Disk& disk, std::filesystem::path path) : disk_(&disk), path_(std::move(path)) {}

  Disk* disk_;
  std::filesystem::path path_;
};

}  // namespace mailmirror::store
