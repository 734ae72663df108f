// Files to the server, exactly once: intent on stable storage, APPEND, record.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::sync {

struct UploadReport {
  std::uint64_t uploaded = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> refused;  ///< a line for each file that the server refused; they are tried again at the next pass
  bool unsettled = false;            ///< the server took them but didn't say as which UIDs: `settle_uploads` finds out
};

/// The mailbox is selected on `session`; `uid_next` is from its SELECT. A connection lost in the middle leaves open intents, which
/// `settle_uploads` decides at the next pass: no file is sent twice on suspicion.
Task<Result<UploadReport>> upload(MailboxWork work, imap::client::Session& session, std::vector<Upload> files, Uid uid_next);

}  // namespace mailmirror::sync
