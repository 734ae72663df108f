// Files that the user's programs moved or copied to another folder, or renamed: which records they belong to. All of it BLOCKS.
#pragma once

#include "store/files/maildir.hpp"
#include "sync/account/account.hpp"
#include "sync/account/candidate.hpp"
#include "sync/execute/mailbox_work.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace mailmirror::sync {

/// A file of the folder `to` that is the message `record` of the mailbox `from`.
struct MovedFile {
  store::MailboxState from;
  store::Record record;
  std::size_t to = 0;  ///< position in the queue
  store::MaildirFile file;
  /// `by_name`: there is no record, the download of this file died before it was written; `record` tells what the file shows.
  enum class Known : std::uint8_t { by_record, by_name };
  Known known = Known::by_record;
  /// `copied`: it is in its old place, too, under the name that tells where this one comes from (hard case 10).
  enum class Way : std::uint8_t { moved, copied };
  Way way = Way::moved;
};

/// Looks at the folders that changed since their checkpoint, and notes in each candidate what it saw there. Where a file is gone, or
/// came, every other folder of the account that changed is looked at, too, after that, and joins the queue (hard case 1: a file is gone only
/// if it is nowhere else). All that is found has the digest of its record: an edited file is another message.
Result<std::vector<MovedFile>> find_moved_files(Account& account, const AccountParts& parts, std::deque<Candidate>& queue);

}  // namespace mailmirror::sync
