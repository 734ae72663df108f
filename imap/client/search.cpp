#include "imap/client/search.hpp"

#include <string_view>
#include <utility>

namespace mailmirror::imap::client {
namespace {

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

Task<Result<UidSet>> search(Session& session, std::string_view key) {
  wire::Command command("UID SEARCH");
  if (session.capabilities().has(Extension::esearch)) command.raw("RETURN (ALL)");
  command.raw(key);
  SearchHandler handler;
  const auto status = co_await session.execute(std::move(command), &handler);
  MAILMIRROR_CO_TRY(status);
  if (!handler.answered()) co_return fail(ErrorKind::protocol, "the server said OK to a search without telling what it found");
  co_return handler.finish();
}

}  // namespace

Task<Result<UidSet>> search_all_uids(Session& session) {
  return search(session, "ALL");
}
Task<Result<UidSet>> search_deleted_uids(Session& session) {
  return search(session, "DELETED");
}

}  // namespace mailmirror::imap::client
