#include "imap/client/expunge.hpp"

#include "imap/client/search.hpp"
#include "imap/client/uid_commands.hpp"

#include <utility>

namespace mailmirror::imap::client {

Task<Result<void>> uid_expunge(Session& session, UidSet uids) {
  CommandFor make = [](const std::string& part) { return wire::Command("UID EXPUNGE").raw(part); };
  Judge judge = demand_ok;
  auto done = co_await run_on_uids(session, std::move(uids), std::move(make), nullptr, std::move(judge));
  co_return done;
}

Task<Result<ExpungeOutcome>> expunge_exactly(Session& session, UidSet uids) {
  const auto deleted = co_await search_deleted_uids(session);
  MAILMIRROR_CO_TRY(deleted);
  // Some of ours may be gone already; what matters is that no other goes.
  if (!(*deleted - uids).empty()) co_return ExpungeOutcome::others_are_deleted_too;
  wire::Command command("EXPUNGE");
  const auto done = co_await session.execute(std::move(command));
  MAILMIRROR_CO_TRY(done);
  co_return ExpungeOutcome::done;
}

}  // namespace mailmirror::imap::client
