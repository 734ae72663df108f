// What lies in a draft's Maildir already, and whether mailmirror would take each folder for the mailbox that it is.
#pragma once

#include "daemon/import/draft.hpp"
#include "store/files/disk.hpp"
#include "sync/base/environment.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::daemon::migration {

struct FolderFound {
  std::string mailbox;
  std::string directory;
  std::uint64_t messages = 0;
};

struct Survey {
  /// Those that the draft's `mailboxes` mean, by directory.
  std::vector<FolderFound> adopted;
  /// Directories with mail that they don't mean: nothing touches them.
  std::vector<std::string> left_alone;
  bool root_is_there = false;

  [[nodiscard]] std::uint64_t messages() const;
};

/// BLOCKS; changes no file. Adds notes and obstacles, and sets `mailboxes` where the draft takes only what is here.
Survey survey_maildir(Draft& draft, store::Disk& disk, const Environment& environment, const std::string& file);

}  // namespace mailmirror::daemon::migration
