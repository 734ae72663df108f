#include "imap/client/extension/quota.hpp"

#include <limits>
#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::uint64_t kUnit = 1024;

/// Takes what comes for GETQUOTAROOT: other roots' quotas aren't sent in answer to it.
class QuotaHandler final : public ResponseHandler {
 public:
  bool take(const wire::Response& response) override {
    if (std::holds_alternative<wire::QuotaRoots>(response)) return true;
    const auto* const quota = std::get_if<wire::Quota>(&response);
    if (quota == nullptr) return false;
    for (const auto& resource : quota->resources)
      if (resource.name == "STORAGE") tighten({octets(resource.usage), octets(resource.limit)});
    return true;
  }

  std::optional<StorageQuota> tightest;

 private:
  static std::uint64_t octets(std::uint64_t units) {
    return units > std::numeric_limits<std::uint64_t>::max() / kUnit ? std::numeric_limits<std::uint64_t>::max() : units * kUnit;
  }
  void tighten(StorageQuota quota) {
    if (!tightest || quota.free() < tightest->free()) tightest = quota;
  }
};

}  // namespace

Task<Result<std::optional<StorageQuota>>> storage_quota(Session& session, MailboxName mailbox) {
  wire::Command command("GETQUOTAROOT");
  command.mailbox(mailbox, session.name_encoding());
  QuotaHandler handler;
  const auto status = co_await session.execute(std::move(command), &handler);
  const bool kept_secret = !status && (status.error().kind == ErrorKind::refused || status.error().kind == ErrorKind::rejected);
  if (kept_secret) co_return std::optional<StorageQuota>();
  if (!status) co_return error_in(status, mailbox.utf8());
  co_return handler.tightest;
}

}  // namespace mailmirror::imap::client
