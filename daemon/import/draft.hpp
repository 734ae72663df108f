// What another program's configuration becomes: accounts of ours, and what the user has to know about them.
//
// The namespace isn't named for the folder: `import` has a meaning of its own to C++20 compilers.
#pragma once

#include "daemon/config/config.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mailmirror::daemon::migration {

/// Something about a place in the other program's configuration.
struct Note {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the file as a whole
  std::string message;

  /// "FILE:LINE: message".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Note&, const Note&) = default;
};

/// An account that would be written. Its paths stand as the other program's user wrote them ("~/Mail").
struct Draft {
  config::Account account;
  /// "channel work: IMAPAccount work, MaildirStore local".
  std::string origin;
  /// Where the password has to be put by hand, as `account.secret` says; "": it is taken over.
  std::string secret_hint;
  /// Lines of [account.NAME.oauth2]; empty: there is no such table.
  std::vector<std::string> oauth2;
  /// What the other program mirrored can't be said by patterns: just the mailboxes that are in the Maildir already.
  bool only_what_is_here = false;
  /// The other program may have stored stand-ins for large messages.
  bool may_hold_placeholders = false;
  /// Its program's names for mailboxes lack the prefix that the server gives to all of them (its personal namespace).
  bool leaves_out_namespace = false;
  /// Whether folders named ".sub" inside of folders would be mailboxes to the other program.
  bool dotted_subfolders = false;
  std::vector<Note> notes;
  /// Not empty: it isn't written, for these reasons.
  std::vector<Note> obstacles;
};

struct Import {
  std::vector<Draft> drafts;
  /// What belongs to no account. With `unreadable`, nothing could be understood.
  std::vector<Note> notes;
  bool unreadable = false;
};

/// Letters, digits, '-', '_' and '.', as an account's name has to be made.
std::string account_name(const std::string& wanted);

/// One word, as a shell takes it.
std::string shell_word(const std::string& text);

/// What the user can run to have it called so: "mv FROM TO", with the directory above it made first where it isn't there.
std::string move_command(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace mailmirror::daemon::migration
