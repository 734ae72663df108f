// What another mail program would do to the Maildir, and what it would see there.
#pragma once

#include "tests/support/harness.hpp"

#include <cstdint>
#include <ctime>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::testing {

enum class Layout : std::uint8_t { nested, maildir_plus_plus };
/// As it stands in a configuration.
std::string to_string(Layout layout);
inline std::ostream& operator<<(std::ostream& stream, Layout layout) {
  return stream << to_string(layout);
}

struct LocalMessage {
  fs::path file;
  /// Wire names; keywords come from the folder's dovecot-keywords.
  std::set<std::string> flags;
  std::time_t mtime = 0;
  std::string bytes;
};

/// One account's Maildir.
class LocalMaildir {
 public:
  LocalMaildir(fs::path root, Layout layout) : root_(std::move(root)), layout_(layout) {}

  [[nodiscard]] const fs::path& root() const { return root_; }
  [[nodiscard]] Layout layout() const { return layout_; }
  /// The directory of a mailbox whose name needs no escape; levels are parted by '/'.
  [[nodiscard]] fs::path folder(std::string_view mailbox) const;
  /// Every directory with a `cur`, by its mailbox's name with the escapes undone.
  [[nodiscard]] std::map<std::string, fs::path> folders() const;
  /// The names of `folders`, sorted.
  [[nodiscard]] std::vector<std::string> mailboxes() const;
  [[nodiscard]] std::vector<LocalMessage> messages(std::string_view mailbox) const;
  /// Paths in `new` and `cur`, sorted; cheaper than `messages`. None where the folder isn't there.
  [[nodiscard]] std::vector<fs::path> files(std::string_view mailbox) const;
  /// Whatever isn't a message, a directory or dovecot-keywords: there should be nothing.
  [[nodiscard]] std::vector<fs::path> strangers() const;

  /// Makes new, cur and tmp.
  void create(std::string_view mailbox) const;
  /// As a delivery agent does it: written in tmp, then renamed to `new`, or to `cur` where there are letters. LF line ends.
  fs::path deliver(std::string_view mailbox, std::string_view bytes, std::string_view letters = "",
                   std::time_t mtime = 1'100'000'000) const;

 private:
  fs::path root_;
  Layout layout_;
};

/// Gives the message these flag letters, as a mail reader does: a rename into `cur`. The new path.
fs::path set_letters(const fs::path& file, std::string_view letters);
/// The letters of its name.
std::string letters_of(const fs::path& file);
/// Into the other folder's `cur`, under the same name.
fs::path move_to(const fs::path& file, const fs::path& folder);

}  // namespace mailmirror::testing
