#include "imap/client/append.hpp"

#include "imap/client/extension/append_limit.hpp"

#include <array>

namespace mailmirror::imap::client {

void add_message(wire::Command& command, const AppendMessage& message) {
  if (!message.flags.empty()) command.flags(message.flags);
  command.date_time(message.date).streamed_literal(message.size);
}

Task<Result<Appended>> append(Session& session, MailboxName mailbox, AppendMessage message) {
  const auto fits = check_append_size(session.capabilities(), message.size);
  if (!fits) co_return error_in(fits, mailbox.utf8());
  wire::Command command("APPEND");
  command.mailbox(mailbox, session.name_encoding());
  add_message(command, message);
  const std::array literals{StreamedLiteral{message.source, message.size}};
  const auto status = co_await session.execute(std::move(command), nullptr, literals);
  if (!status) co_return error_in(status, mailbox.utf8());
  Appended appended;
  const auto* const place = status->code ? std::get_if<wire::AppendUid>(&status->code->value) : nullptr;
  if (place == nullptr) co_return appended;
  appended.uid_validity = place->uid_validity;
  if (place->uids.size() == 1) appended.uid = place->uids.lowest();
  co_return appended;
}

}  // namespace mailmirror::imap::client
