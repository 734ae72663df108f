// How a message's identity, flags and place appear in file names, for one mailbox at work.
#pragma once

#include "store/files/maildir_name.hpp"
#include "sync/base/result.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <string>

namespace mailmirror::sync {

/// 8 hexadecimal digits for a text (an account's "user@host", a mailbox's name), as they stand in file names.
std::string tag_of(std::string_view text);

/// The name before ":2," for a message that is downloaded.
std::string name_for(const MailboxWork& work, Uid uid, std::chrono::sys_seconds internal_date, std::uint64_t file_size);

/// The UID that a file's name carries, if the name was made for this mailbox of this account under the UIDVALIDITY it has now.
std::optional<Uid> claimed_uid(const MailboxWork& work, const std::string& unique);

/// The letters for these flags; keywords get a letter in the folder's dovecot-keywords, as long as there are any left. Blocking.
Result<std::string> letters_of(const MailboxWork& work, const FlagSet& flags);
Result<std::string> letters_of(const store::MaildirFolder& folder, store::KeywordTable& keywords, Random& random, const FlagSet& flags);

/// The flags that a file shows. What no letter can say (keywords without one, any flag while the file is in new/ and bears no letter)
/// is taken from `base`: it means "unchanged" (semantics, hard case 16).
FlagSet flags_of(const store::MaildirFile& file, const store::KeywordTable& keywords, const FlagSet& base);

/// The file's absolute path, for events and messages.
std::string path_in(const AccountParts& account, const store::MailboxState& mailbox, const store::MaildirFile& file);
std::string path_of(const MailboxWork& work, const store::MaildirFile& file);

}  // namespace mailmirror::sync
