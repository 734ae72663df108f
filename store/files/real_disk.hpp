// The machine's file system, by openat and its kin.
#pragma once

#include "store/files/disk.hpp"

namespace mailmirror::store {

/// No state of its own: any number may exist.
class RealDisk final : public Disk {
 public:
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_root(const std::filesystem::path& path) override;
  Result<void> make_root(const std::filesystem::path& path) override;
};

}  // namespace mailmirror::store
