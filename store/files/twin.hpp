// A message that is in the Maildir already, in another folder: its file gets a second name, and nothing is downloaded.
//
// All of it BLOCKS.
#pragma once

#include "store/files/maildir.hpp"
#include "sync/base/digest.hpp"
#include "sync/base/random.hpp"

#include <chrono>
#include <string_view>

namespace mailmirror::store {

/// A file whose bytes have this digest.
struct TwinSource {
  const MaildirFolder& folder;
  MaildirFile file;
  Digest digest;
};

/// Makes the message of `source` visible in `target` under this unique part and these letters (in new/ without any): a hard link where
/// both have the same INTERNALDATE, a copy where they don't or where the file system has no links. The bytes were read and are
/// durable then; the name is after `target.sync()`. Errors besides those of MaildirFolder: missing (the file went), conflict (its bytes
/// aren't those of the digest any more), exists (another file has the name).
Result<MaildirFile> publish_twin(const TwinSource& source, MaildirFolder& target, std::string_view unique, std::string_view letters,
                                 std::chrono::sys_seconds internal_date, Random& random);

}  // namespace mailmirror::store
