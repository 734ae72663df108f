// One command's work on a set of UIDs, as many commands as the server needs it in.
#pragma once

#include "imap/client/pipeline.hpp"
#include "sync/base/uid_set.hpp"

#include <functional>
#include <string>

namespace mailmirror::imap::client {

/// The command for a part of the set; `part` is its UIDs as they stand in a command.
using CommandFor = std::function<wire::Command(const std::string& part)>;

/// All messages of the mailbox: "1:*" in a command.
UidSet every_uid();

/// Runs `make` on parts of `uids` (not empty), a few at a time, each within the session's limits. A part that the server finds too
/// long is halved, and the session remembers it; what a MESSAGELIMIT (RFC 9738) left over is asked for in a further command. Other
/// answers go to `judge`. `handler` gets the untagged data of all.
Task<Result<void>> run_on_uids(Session& session, UidSet uids, CommandFor make, ResponseHandler* handler, Judge judge);

}  // namespace mailmirror::imap::client
