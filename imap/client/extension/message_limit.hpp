// MESSAGELIMIT (RFC 9738): a server that takes care of so many messages a command, the highest UIDs first.
#pragma once

#include "imap/client/capabilities.hpp"
#include "imap/wire/response.hpp"

#include <cstdint>
#include <optional>

namespace mailmirror::imap::client {

/// The part of `asked` that the command didn't get to; it may be empty. nullopt: the answer doesn't speak of a limit.
std::optional<UidSet> left_over(const wire::TaggedStatus& answer, const UidSet& asked);

/// Messages that a command may name; the largest number where the server has no limit.
std::uint32_t messages_per_command(const Capabilities& capabilities);

}  // namespace mailmirror::imap::client
