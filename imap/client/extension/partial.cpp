#include "imap/client/extension/partial.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace mailmirror::imap::client {
namespace {

class PageHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    const auto* const result = std::get_if<wire::Esearch>(&response);
    if (result == nullptr || !result->by_uid) return false;
    // A page beyond the end is NIL, or not mentioned at all.
    page = result->partial.value_or(UidSet{});
    return true;
  }
  std::optional<UidSet> page;
};

}  // namespace

Task<Result<UidSet>> search_all_by_pages(Session& session, std::uint32_t page) {
  UidSet all;
  for (std::uint64_t first = 1;; first += page) {
    wire::Command command("UID SEARCH");
    command.raw(fmt::format("RETURN (PARTIAL {}:{}) ALL", first, first + page - 1));
    PageHandler handler;
    const auto status = co_await session.execute(std::move(command), &handler);
    MAILMIRROR_CO_TRY(status);
    if (!handler.page) co_return fail(ErrorKind::protocol, "the server said OK to a search without telling what it found");
    const auto before = all.size();
    all = all | *handler.page;
    // A short page is the last; one without anything new would go on for ever.
    if (handler.page->size() < page || all.size() == before) co_return all;
  }
}

}  // namespace mailmirror::imap::client
