#include "imap/client/notify.hpp"

#include <utility>

namespace mailmirror::imap::client {
namespace {

class StatusHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    const auto* const status = std::get_if<wire::MailboxStatus>(&response);
    if (status != nullptr) found.push_back(*status);
    return status != nullptr;
  }
  std::vector<wire::MailboxStatus> found;
};

}  // namespace

Task<Result<std::vector<wire::MailboxStatus>>> notify_all(Session& session) {
  // MessageNew, MessageExpunge and FlagChange need each other (RFC 5465 §5).
  wire::Command command("NOTIFY");
  command.raw("SET STATUS (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))");
  StatusHandler handler;
  const auto status = co_await session.execute(std::move(command), &handler);
  MAILMIRROR_CO_TRY(status);
  co_return std::move(handler.found);
}

}  // namespace mailmirror::imap::client
