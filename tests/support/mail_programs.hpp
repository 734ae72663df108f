// What people do to a Maildir by the usual programs: neomutt, mblaze, notmuch, run without a person.
#pragma once

#include "tests/support/local_maildir.hpp"

#include <string>
#include <string_view>

namespace mailmirror::testing {

/// All on one Maildir. A program that fails throws: it says so itself, or it was given something that isn't there any more.
class MailPrograms {
 public:
  /// Empty when all are installed, else what to do about it.
  static std::string missing();

  /// Their own files go to `home`.
  MailPrograms(LocalMaildir maildir, fs::path home);

  /// By Message-ID, with angle brackets. `flag` is what neomutt calls it: '!' flagged, 'r' answered, 'O' old, 'N' new.
  void neomutt_flag(std::string_view mailbox, std::string_view message_id, char flag) const;
  void neomutt_delete(std::string_view mailbox, std::string_view message_id) const;
  /// "-S" (seen), "-F", "-R", or with a capital X the reverse.
  void mblaze_flag(const fs::path& file, const std::string& option) const;
  /// It gives the file a name of its own there.
  void mblaze_refile(const fs::path& file, std::string_view mailbox) const;
  void mblaze_deliver(std::string_view mailbox, std::string_view bytes) const;
  /// `tags` as notmuch takes them ("+flagged", "-unread"); with maildir.synchronize_flags they become letters.
  void notmuch_tag(std::string_view message_id, std::string_view tags) const;

 private:
  void neomutt(std::string_view mailbox, const std::string& keys) const;

  LocalMaildir maildir_;
  fs::path home_;
};

}  // namespace mailmirror::testing
