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
  explicit KnownBytes(const store::Record& record)
      : digest(record.digest), size(record.file_size), internal_date(record.internal_date) {}

  Digest digest;
  std::uint64_t size;
  std::chrono::sys_seconds internal_date;
};

/// All of it blocks.
class EditedFiles {
 public:
  /// `written`: names that a writer closed, as the watcher says.
  EditedFiles(const MailboxWork& work, std::set<std::string> written);

  enum class Verdict : std::uint8_t {
    same,
    set_apart,   ///< it was edited, perhaps is being edited right now, and has another name
    gone,        ///< by that name: look again in a moment
  };

  /// Costs one stat where nothing speaks for an edit, else the reading of the file.
  Result<Verdict> look_at(const store::MaildirFile& file, const KnownBytes& known) const;

  /// Gives the file a name of its own, durably. Returns what stands before ":2," in it. Error missing.
  Result<std::string> set_apart(const store::MaildirFile& file, std::uint64_t size) const;

 private:
  [[nodiscard]] bool suspicious(const store::MaildirFile& file, const store::FileStamp& stamp, const KnownBytes& known) const;
  MailboxWork work_;
  std::set<std::string> written_;
  SystemTime now_;
  std::int64_t looked_at_ns_;
};

}  // namespace mailmirror::sync
