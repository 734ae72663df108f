#include "imap/client/expunge.hpp"

#include "imap/client/pipeline.hpp"
#include "imap/client/search.hpp"

#include <utility>

namespace mailmirror::imap::client {

Task<Result<void>> uid_expunge(Session& session, UidSet uids) {
  std::vector<wire::Command> commands;
  for (const auto& part : wire::chunk(uids)) commands.emplace_back("UID EXPUNGE").uids(part);
  Judge judge = demand_ok;
  auto done = co_await run_pipelined(session, std::move(commands), nullptr, std::move(judge));
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
