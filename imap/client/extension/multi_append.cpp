#include "imap/client/extension/multi_append.hpp"

#include "imap/client/extension/append_limit.hpp"

#include <utility>

namespace mailmirror::imap::client {
namespace {

/// APPENDUID lists the UIDs in the order of the messages (RFC 4315 §3); they ascend, since UIDs do.
AppendedMany places_in(const wire::TaggedStatus& status, std::size_t count) {
  AppendedMany places;
  const auto* const told = status.code ? std::get_if<wire::AppendUid>(&status.code->value) : nullptr;
  if (told == nullptr || told->uids.size() != count) return places;
  places.uid_validity = told->uid_validity;
  told->uids.for_each([&](Uid uid) { places.uids.push_back(uid); });
  return places;
}

}  // namespace

Task<Result<AppendedMany>> multi_append(Session& session, MailboxName mailbox, std::vector<AppendMessage> messages) {
  wire::Command command("APPEND");
  command.mailbox(mailbox, session.name_encoding());
  std::vector<StreamedLiteral> literals;
  for (const auto& message : messages) {
    const auto fits = check_append_size(session.capabilities(), message.size);
    if (!fits) co_return error_in(fits, mailbox.utf8());
    add_message(command, message);
    literals.push_back({message.source, message.size});
  }
  const auto status = co_await session.execute(std::move(command), nullptr, literals);
  if (!status) co_return error_in(status, mailbox.utf8());
  co_return places_in(*status, messages.size());
}

}  // namespace mailmirror::imap::client
