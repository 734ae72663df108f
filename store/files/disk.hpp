// The seam to the file system: everything that store does to files goes through these faces. RealDisk is the machine's; the
// simulation has one that loses what wasn't made durable.
//
// All of it BLOCKS: call it on a pool's thread. All of it may be called from any thread at the same time.
#pragma once

#include "sync/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mailmirror::store {

enum class EntryKind : std::uint8_t { file, directory, symlink, other };

/// What stat tells of a file or directory; symbolic links are never followed.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::int64_t birth_ns = 0;  ///< 0 where the file system doesn't tell
  EntryKind kind = EntryKind::file;
  std::uint32_t links = 1;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  [[nodiscard]] bool same_file(const FileStamp& other) const { return device == other.device && inode == other.inode; }
  /// As far as a stat tells: nobody wrote to it in between. Other names may have come or gone.
  [[nodiscard]] bool same_bytes(const FileStamp& other) const {
    return same_file(other) && size == other.size && mtime_ns == other.mtime_ns;
  }
};

/// An open file; closed when destroyed.
class File {
 public:
  virtual ~File() = default;
  /// Bytes from `offset` on; fewer than asked for only at the file's end, 0 there.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) = 0;
  /// Appends all of it, or fails. Only for files from `create_exclusive`.
  virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  /// The bytes (not the name) are on stable storage afterwards.
  virtual Result<void> sync() = 0;
  virtual Result<void> set_mtime(std::chrono::sys_seconds time) = 0;
  [[nodiscard]] virtual Result<FileStamp> stamp() const = 0;
};

/// An open directory. Names are single components: one with '/' or NUL, an empty one, "." and ".." are refused (Error io), so that
/// nothing reaches beyond the directory; symbolic links are never followed (Error io). New files get mode 0600, directories 0700.
/// Errors besides: missing, exists, permission, disk_full, io.
class Directory {
 public:
  virtual ~Directory() = default;

  /// For messages to the user.
  [[nodiscard]] virtual const std::filesystem::path& path() const = 0;

  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open_read(std::string_view name) const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<File>> create_exclusive(std::string_view name) const = 0;
  virtual Result<void> make_directory(std::string_view name) const = 0;

  /// Every entry but "." and "..", in no order. A failure in the middle is an Error: a short list is never told as a whole one.
  /// While others rename, a name may be seen twice or not at all.
  virtual Result<void> list(const std::function<void(std::string_view name, EntryKind kind)>& visit) const = 0;

  [[nodiscard]] virtual Result<FileStamp> stamp(std::string_view name) const = 0;
  /// Of the directory itself.
  [[nodiscard]] virtual Result<FileStamp> stamp() const = 0;

  /// Never overwrites (semantics, hard case 11): Error exists where `to_name` is another file. Where it is the same file (one
  /// inode), `from` is unlinked. `to` is a directory of the same Disk; on another file system: Error unsupported.
  virtual Result<void> rename_noreplace(std::string_view from, const Directory& to, std::string_view to_name) const = 0;
  /// Overwrites. For our own tables, never for messages.
  virtual Result<void> rename_replace(std::string_view from, const Directory& to, std::string_view to_name) const = 0;
  /// A second name for a file. Error exists, and unsupported on another file system or one without links.
  virtual Result<void> link(std::string_view from, const Directory& to, std::string_view to_name) const = 0;
  virtual Result<void> unlink(std::string_view name) const = 0;
  /// Error exists where it isn't empty.
  virtual Result<void> remove_directory(std::string_view name) const = 0;

  /// The names (not the bytes behind them) are on stable storage afterwards.
  virtual Result<void> sync() const = 0;
  /// Bytes that we may still write here.
  [[nodiscard]] virtual Result<std::uint64_t> free_space() const = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  /// The one place where a path of several components is opened; links in it are followed, since the user wrote it.
  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_root(const std::filesystem::path& path) = 0;
  /// Makes the directory and those above it where they are missing, durably.
  virtual Result<void> make_root(const std::filesystem::path& path) = 0;
};

/// ok, or the Error for a name that isn't a single component. Every Directory asks it first.
Result<void> check_component(std::string_view name);

}  // namespace mailmirror::store
