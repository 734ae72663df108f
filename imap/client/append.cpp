#include "imap/client/append.hpp"

namespace mailmirror::imap::client {

Task<Result<Appended>> append(Session& session, MailboxName mailbox, FlagSet flags, std::chrono::sys_seconds date,
                              std::uint64_t size, LiteralSource& source) {
  wire::Command command("APPEND");
  command.mailbox(mailbox, kNameEncoding);
  if (!flags.empty()) command.flags(flags);
  command.date_time(date).streamed_literal(size);
  StreamedLiteral literal;
  literal.source = &source;
  literal.size = size;
  const auto status = co_await session.execute(std::move(command), nullptr, literal);
  if (!status) co_return error_in(status, mailbox.utf8());
  Appended appended;
  const auto* const place = status->code ? std::get_if<wire::AppendUid>(&status->code->value) : nullptr;
  if (place == nullptr) co_return appended;
  appended.uid_validity = place->uid_validity;
  if (place->uids.size() == 1) appended.uid = place->uids.lowest();
  co_return appended;
}

}  // namespace mailmirror::imap::client
