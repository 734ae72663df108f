#include "imap/client/search.hpp"

#include "imap/client/extension/message_limit.hpp"
#include "imap/client/extension/partial.hpp"
#include "imap/client/uid_commands.hpp"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::uint32_t kLargestPage = 10'000;

class SearchHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    if (const auto* const search = std::get_if<wire::Search>(&response)) {
      // 0 is no UID; there are servers that list it.
      for (const auto number : search->numbers)
        if (number != 0) uids_.insert(Uid{number});
      answered_ = true;
      return true;
    }
    const auto* const extended = std::get_if<wire::Esearch>(&response);
    if (extended == nullptr || !extended->by_uid) return false;
    if (extended->all) uids_ = uids_ | *extended->all;
    answered_ = true;
    return true;
  }

  [[nodiscard]] bool answered() const { return answered_; }
  UidSet finish() { return std::move(uids_); }

 private:
  UidSet uids_;
  bool answered_ = false;
};

wire::Command search_command(const Session& session, std::string_view key, const std::optional<UidSet>& among) {
  wire::Command command("UID SEARCH");
  if (session.capabilities().has(Extension::esearch)) command.raw("RETURN (ALL)");
  if (among) command.raw("UID").uids(*among);
  command.raw(key);
  return command;
}

/// As many commands as a MESSAGELIMIT asks for.
Task<Result<UidSet>> search(Session& session, std::string_view key) {
  SearchHandler handler;
  std::optional<UidSet> among;
  while (true) {
    auto command = search_command(session, key, among);
    auto running = co_await session.start(std::move(command), &handler);
    MAILMIRROR_CO_TRY(running);
    const auto status = co_await running->answer();
    MAILMIRROR_CO_TRY(status);
    auto rest = left_over(*status, among.value_or(every_uid()));
    const auto judged = rest ? ok() : demand_ok(*status, running->name());
    MAILMIRROR_CO_TRY(judged);
    if (!handler.answered()) co_return fail(ErrorKind::protocol, "the server said OK to a search without telling what it found");
    if (!rest || rest->empty()) co_return handler.finish();
    among = std::move(*rest);
  }
}

}  // namespace

Task<Result<UidSet>> search_all_uids(Session& session) {
  const auto page = session.limits().messages;
  const bool limited = page < std::numeric_limits<std::uint32_t>::max() || session.has(Quirk::windowed);
  if (limited && session.capabilities().has(Extension::partial)) return search_all_by_pages(session, std::min(page, kLargestPage));
  return search(session, "ALL");
}
Task<Result<UidSet>> search_deleted_uids(Session& session) {
  return search(session, "DELETED");
}

}  // namespace mailmirror::imap::client
