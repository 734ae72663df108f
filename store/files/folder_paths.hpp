// Mailbox names and the directories that stand for them beneath a Maildir's root; one to one, and never beyond the root.
#pragma once

#include "store/files/disk.hpp"
#include "sync/base/mailbox_name.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::store {

enum class Layout : std::uint8_t {
  nested,             ///< INBOX is "INBOX", a/b is "a/b"
  maildir_plus_plus,  ///< INBOX is the root itself (""), a/b is ".a.b"
  flat,               ///< INBOX is "INBOX", a/b is "a.b", as OfflineIMAP has it by default
};

enum class FolderEncoding : std::uint8_t {
  utf8,
  mutf7,  ///< modified UTF-7 (RFC 3501 §5.1.3), as some older programs write it
};

/// Pure text, no I/O. A level of a name is written as it is, but with percent-escapes ("%2F") for: '/', '%', control characters,
/// bytes that are no UTF-8, a leading '.', and in maildir++ and flat every '.'; levels that would be cur, new, tmp or dovecot-keywords (in
/// any case) begin with an escape; an empty level is a lone "%". What gets longer than 255 bytes ends in "%~" and a hash.
class FolderPaths {
 public:
  /// `inbox` is the name of INBOX's directory, and in nested that of the level above its children; maildir++ has none.
  FolderPaths(Layout layout, FolderEncoding encoding, std::string inbox = "INBOX")
      : layout_(layout), encoding_(encoding), inbox_(std::move(inbox)) {}

  /// Relative to the root, '/' between components. `delimiter`: '\0' where the server has no hierarchy.
  [[nodiscard]] std::string to_directory(const MailboxName& name, char delimiter) const;

  /// The mailbox for which `to_directory` gives this directory; nullopt: there is none (the hash of a long name, an escape that we
  /// wouldn't write, ".git" …), so that two directories never mean one mailbox.
  [[nodiscard]] std::optional<MailboxName> to_mailbox(std::string_view directory, char delimiter) const;

  /// False: only the database knows which mailbox this one's directory belongs to.
  [[nodiscard]] bool is_reversible(const MailboxName& name, char delimiter) const;

  /// Another directory for a mailbox whose own is taken, as on a file system that doesn't tell "A" from "a" (semantics, hard
  /// case 18): its end is a hash of the name. Not reversible.
  [[nodiscard]] std::string hashed_directory(const MailboxName& name, char delimiter) const;

 private:
  [[nodiscard]] std::vector<std::string> escaped_levels(const MailboxName& name, char delimiter) const;

  [[nodiscard]] std::optional<MailboxName> decoded(std::string_view directory, char delimiter) const;

  Layout layout_;
  FolderEncoding encoding_;
  std::string inbox_;
};

struct FoundFolder {
  std::string path;      ///< relative to the root, as `to_directory` writes it
  bool has_cur = false;  ///< false: it only holds other folders
  friend bool operator==(const FoundFolder&, const FoundFolder&) = default;
};

/// Every directory beneath the root that the layout gives a meaning, by path, ascending. Dot directories in nested and flat are passed over,
/// links everywhere. BLOCKS. Errors: missing (no root); a directory that can't be read is an Error that names it, never left out.
Result<std::vector<FoundFolder>> find_folders(Disk& disk, const std::filesystem::path& root, Layout layout);

}  // namespace mailmirror::store
