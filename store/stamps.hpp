// A directory as it was when it was looked at: equal stamps mean that no entry came, went or was renamed (semantics, hard case 19).
#pragma once

#include <cstdint>

namespace mailmirror::store {

struct DirectoryStamp {
  std::uint64_t inode = 0;
  std::uint64_t mtime_ns = 0;
  std::uint64_t ctime_ns = 0;
  std::uint64_t birth_ns = 0;  ///< 0 where the file system doesn't tell
  friend bool operator==(const DirectoryStamp&, const DirectoryStamp&) = default;
};

/// The two directories of a Maildir folder that hold messages.
struct FolderStamps {
  DirectoryStamp cur;
  DirectoryStamp new_;
  friend bool operator==(const FolderStamps&, const FolderStamps&) = default;
};

}  // namespace mailmirror::store
