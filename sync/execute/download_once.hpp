// Downloads in which a message that several mailboxes hold is transferred once: see twins.hpp and download_claims.hpp.
#pragma once

#include "sync/execute/download.hpp"

#include <vector>

namespace mailmirror::sync {

/// As `download`, but what another mailbox of the account has is linked, and what is being downloaded for another one right now is
/// waited for. Linked messages count as downloaded in the report and in `progress`.
Task<Result<DownloadReport>> download_once(MailboxWork work, imap::client::Session& session, std::vector<Download> wanted,
                                           AdoptableFiles adoptable, DownloadProgress progress);

}  // namespace mailmirror::sync
