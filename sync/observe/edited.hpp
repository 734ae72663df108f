// Files whose bytes another program changed in place. Such a file is another message than its record tells of (semantics, hard case
// 14): it gets a name of its own, so that from then on it is a new file, and the one that the record stands for is gone.
#pragma once

#include "store/state/records.hpp"
#include "sync/base/clock.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace mailmirror::sync {

/// What the record says of a file's bytes.
struct KnownBytes {
  Digest digest;
  std::uint64_t size = 0;
  std::chrono::sys_seconds internal_date{};
};

/// All of it blocks.
class EditedFiles {
 public:
  /// `written`: names that a writer closed, as the watcher says.
  EditedFiles(const MailboxWork& work, const std::set<std::string>& written, SystemTime now);

  enum class Verdict : std::uint8_t {
    same,
    set_apart,   ///< it was edited, and has another name now
    unsettled,   ///< it is being written to, or went away: look again in a moment
  };

  /// Costs one stat where nothing speaks for an edit, else the reading of the file.
  Result<Verdict> look_at(const store::MaildirFile& file, const KnownBytes& known) const;

 private:
  [[nodiscard]] bool suspicious(const store::MaildirFile& file, const store::FileStamp& stamp, const KnownBytes& known) const;
  Result<void> set_apart(const store::MaildirFile& file, std::uint64_t size) const;

  const MailboxWork& work_;
  const std::set<std::string>& written_;
  SystemTime now_;
  std::int64_t looked_at_ns_;
};

}  // namespace mailmirror::sync
