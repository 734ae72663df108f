#include "imap/client/extension/namespaces.hpp"

#include <optional>
#include <utility>

namespace mailmirror::imap::client {

Task<Result<wire::Namespace>> namespaces(Session& session) {
  class Handler final : public ResponseHandler {
   public:
    bool take(const wire::Response& response) override {
      const auto* const spaces = std::get_if<wire::Namespace>(&response);
      if (spaces != nullptr) found = *spaces;
      return spaces != nullptr;
    }
    std::optional<wire::Namespace> found;
  };
  Handler handler;
  wire::Command command("NAMESPACE");
  const auto status = co_await session.execute(std::move(command), &handler);
  MAILMIRROR_CO_TRY(status);
  if (!handler.found) co_return fail(ErrorKind::protocol, "the server said OK to NAMESPACE without telling it");
  co_return std::move(*handler.found);
}

std::string personal_prefix(const wire::Namespace& spaces) {
  return spaces.personal.empty() ? std::string() : spaces.personal.front().prefix;
}

}  // namespace mailmirror::imap::client
