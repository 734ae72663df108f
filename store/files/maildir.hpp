// One Maildir folder: cur/, new/ and tmp/ of one directory beneath the Maildir's root.
//
// All of it BLOCKS. A folder may be used from several threads at once.
#pragma once

#include "store/files/disk.hpp"
#include "store/files/maildir_name.hpp"
#include "store/stamps.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::store {

enum class Place : std::uint8_t { new_, cur };

/// A message's file as it was seen. Its name may change at any time; `unique` doesn't.
struct MaildirFile {
  std::string unique;   ///< the name before ":2,"
  std::string letters;  ///< behind it, as they stand there
  Place place = Place::cur;
  bool has_info = true;  ///< the name has a ":2,"

  [[nodiscard]] std::string name() const { return has_info ? compose_name(unique, letters) : unique; }
  friend bool operator==(const MaildirFile&, const MaildirFile&) = default;
};

struct FolderScan {
  std::vector<MaildirFile> files;       ///< by `unique`, ascending, each once
  std::vector<MaildirFile> duplicates;  ///< other files (other inodes) under a unique part that `files` holds too
  FolderStamps before;                  ///< taken before the scan began
};

/// Errors of every function besides those named: missing (the folder or its cur/ is gone, moved or replaced since it was opened),
/// permission, disk_full, io. ENOENT for a file leads to another look for its unique part before it is told as `missing`.
class MaildirFolder {
 public:
  /// `directory` is relative to `root`; "" is the root itself. A folder without cur/ is Error missing, never an empty one; missing
  /// new/ and tmp/ are made. `disk` must outlive the folder.
  static Result<MaildirFolder> open(Disk& disk, const std::filesystem::path& root, const std::string& directory);
  /// Makes what is missing of it, durably; the root itself must be there.
  static Result<MaildirFolder> create(Disk& disk, const std::filesystem::path& root, const std::string& directory);

  ~MaildirFolder();
  MaildirFolder(MaildirFolder&&) noexcept;
  MaildirFolder& operator=(MaildirFolder&&) noexcept;

  /// Equal stamps mean an unchanged folder, if they are old enough (semantics, hard case 19).
  [[nodiscard]] Result<FolderStamps> stamps() const;

  /// Every message file; no stat for an entry but where one unique part was seen twice. Dot files, directories, links and the like
  /// are passed over. During others' renames a file may be left out: absence takes `confirm_absent`.
  [[nodiscard]] Result<FolderScan> scan() const;

  /// The file as it is called now; nullopt: a fresh listing doesn't show it. Cheap after a scan; a listing if the name changed.
  [[nodiscard]] Result<std::optional<MaildirFile>> find(std::string_view unique) const;

  /// Those of `uniques` that are proven absent (semantics, hard case 1): two listings agree and the directories stayed unchanged
  /// during the second. In a folder that never comes to rest nothing is proven: then the answer is empty.
  [[nodiscard]] Result<std::vector<std::string>> confirm_absent(const std::vector<std::string>& uniques) const;

  [[nodiscard]] Result<std::unique_ptr<File>> open_read(const MaildirFile& file) const;
  [[nodiscard]] Result<FileStamp> stamp(const MaildirFile& file) const;

  /// Renames; not durable before `sync`. `letters` replace those that we know, others stay. From new/ the file goes to cur/ unless
  /// no letter is left; never back. Returns the file as it is then. Error conflict where another file has that name.
  Result<MaildirFile> change_letters(const MaildirFile& file, std::string_view letters);

  /// Gives the file another unique part (for duplicates: hard case 11). Error exists.
  Result<MaildirFile> change_unique(const MaildirFile& file, std::string_view unique);

  /// Moves the file into `target` (of the same root) under this unique part and these letters. Error exists; unsupported where it
  /// is on another file system. Not durable before `sync` of `target`, then of this folder.
  Result<MaildirFile> move_into(MaildirFolder& target, const MaildirFile& file, std::string_view unique, std::string_view letters);

  /// With every name that this file has under its unique part. Not durable before `sync`. Error missing if it's gone already.
  Result<void> remove(const MaildirFile& file);

  /// The same, if its bytes are as they were then; else it stays, though perhaps under another unique part. What an editor writes
  /// anew under the name in the very instant of the removal stays, too.
  enum class Removal : std::uint8_t { gone, changed };
  Result<Removal> remove_unchanged(const MaildirFile& file, const FileStamp& as_seen);

  /// new/ and cur/: arrivals, renames and removals are durable afterwards, and so is the folder's own directory.
  Result<void> sync() const;
  /// The files' bytes. Those that are gone meanwhile are passed over.
  Result<void> sync_files(const std::vector<MaildirFile>& files) const;

  /// Unlinks what nobody has touched in tmp/ since `before` (by ctime, since mtime is a message's date; 36 h is the custom).
  /// Returns how many.
  Result<std::uint64_t> clean_tmp(std::chrono::sys_seconds before) const;

  /// The folder's own directory, and those in it.
  [[nodiscard]] const Directory& base() const;
  [[nodiscard]] const Directory& tmp() const;
  [[nodiscard]] const Directory& at(Place place) const;

 private:
  struct State;
  explicit MaildirFolder(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace mailmirror::store
