// Where mbsync's MaildirStore puts mailboxes, in our words: a root, a layout, and how INBOX's directory is called.
#pragma once

#include "daemon/import/mbsync_file.hpp"
#include "sync/base/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace mailmirror::daemon::migration {

class MaildirStore {
 public:
  /// `store` outlives this.
  MaildirStore(const MbsyncSection& store, const Environment& environment);

  /// The root for channels whose near side has `prefix` ("" or "work/"); "": there is none, and `obstacle` says why. As the user
  /// wrote it ("~/Mail/work").
  [[nodiscard]] std::string root(const std::string& prefix, Note& obstacle, const std::string& file) const;
  [[nodiscard]] config::Layout layout() const;
  /// The INBOX's directory as it is called beneath that root; nullopt: it lies elsewhere.
  [[nodiscard]] std::optional<std::string> inbox(const std::string& prefix) const;
  /// Where the INBOX is.
  [[nodiscard]] std::filesystem::path inbox_path() const { return inbox_; }
  /// The directory of a mailbox of the near side, by mbsync's rules.
  [[nodiscard]] std::filesystem::path directory_of(const std::string& box) const;
  /// Legacy and unset: what lies in a folder under a name with a dot would be its child.
  [[nodiscard]] bool dotted_subfolders() const { return style_ == "legacy" && flatten_.empty(); }

 private:
  [[nodiscard]] std::filesystem::path expanded(const std::string& path) const;

  const MbsyncSection& store_;
  const Environment& environment_;
  std::string path_text_;
  std::filesystem::path path_;
  std::filesystem::path inbox_;
  std::string inbox_text_;
  std::string style_;
  std::string flatten_;
};

}  // namespace mailmirror::daemon::migration
