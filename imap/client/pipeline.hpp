// Many commands of one kind without waiting for each: a few are on their way at any time.
#pragma once

#include "imap/client/session.hpp"

#include <functional>
#include <vector>

namespace mailmirror::imap::client {

/// Told each command's tagged answer, in order. Returns what the whole is to fail with, or success.
using Judge = std::function<Result<void>(const wire::TaggedStatus& status, std::string_view command)>;

/// NO and BAD are errors.
Result<void> demand_ok(const wire::TaggedStatus& status, std::string_view command);

/// The same, but for a server that says NO because some of the messages are gone meanwhile (RFC 5530, EXPUNGEISSUED): the others
/// came.
Result<void> demand_ok_or_expunged(const wire::TaggedStatus& status, std::string_view command);

/// After the first failure nothing more is sent; what is on its way is waited for. `handler` gets the untagged data of all.
Task<Result<void>> run_pipelined(Session& session, std::vector<wire::Command> commands, ResponseHandler* handler, Judge judge);

}  // namespace mailmirror::imap::client
