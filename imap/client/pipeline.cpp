#include "imap/client/pipeline.hpp"

#include "imap/client/status_error.hpp"

#include <deque>
#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::size_t kInFlight = 8;

}  // namespace

Result<void> demand_ok(const wire::TaggedStatus& status, std::string_view command) {
  if (status.condition == wire::Condition::ok) return ok();
  return error_of(status, command);
}

Result<void> demand_ok_or_expunged(const wire::TaggedStatus& status, std::string_view command) {
  const bool some_gone = status.condition == wire::Condition::no && status.code && status.code->name == "EXPUNGEISSUED";
  return some_gone ? ok() : demand_ok(status, command);
}

Task<Result<void>> run_pipelined(Session& session, std::vector<wire::Command> commands, ResponseHandler* handler, Judge judge) {
  std::deque<RunningCommand> in_flight;
  Result<void> outcome = ok();
  auto next = commands.begin();
  while (true) {
    const bool more = outcome && next != commands.end();
    if (more && in_flight.size() < kInFlight) {
      auto started = co_await session.start(std::move(*next++), handler);
      MAILMIRROR_CO_TRY(started);
      in_flight.push_back(std::move(*started));
      continue;
    }
    if (in_flight.empty()) co_return outcome;
    const auto status = co_await in_flight.front().answer();
    MAILMIRROR_CO_TRY(status);
    const auto judged = judge(*status, in_flight.front().name());
    if (!judged && outcome) outcome = judged;
    in_flight.pop_front();
  }
}

}  // namespace mailmirror::imap::client
