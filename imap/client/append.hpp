// APPEND (RFC 3501 §6.3.11), with UIDPLUS' answer (RFC 4315) and LITERAL+/LITERAL- (RFC 7888).
#pragma once

#include "imap/client/session.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/uid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace mailmirror::imap::client {

/// A message for the server. `source` gives exactly `size` octets.
struct AppendMessage {
  FlagSet flags;
  std::chrono::sys_seconds date{};
  std::uint64_t size = 0;
  LiteralSource* source = nullptr;
};

/// Where the message went; both nullopt where the server doesn't say.
struct Appended {
  std::optional<UidValidity> uid_validity;
  std::optional<Uid> uid;
};

/// Several calls may run at the same time: where the server takes literals unasked, their bytes follow each other without waiting for
/// answers. An error of kind refused, rejected, missing or throttled means that the server holds nothing of it; any other that nobody
/// knows.
Task<Result<Appended>> append(Session& session, MailboxName mailbox, AppendMessage message);

/// The arguments of one message, for APPEND's kin.
void add_message(wire::Command& command, const AppendMessage& message);

}  // namespace mailmirror::imap::client
