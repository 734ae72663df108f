// A server's NO, BAD and BYE as errors: the response code decides the kind, the server's words are kept.
#pragma once

#include "imap/wire/response.hpp"
#include "sync/base/error.hpp"

#include <cstdint>
#include <string_view>

namespace mailmirror::imap::client {

/// When something was refused: a NO without a code means something else for a login.
enum class Phase : std::uint8_t { login, session };

/// `status` is NO or BAD; `command` is its name.
Error error_of(const wire::TaggedStatus& status, std::string_view command, Phase phase = Phase::session);

/// The server ends the connection by its own will.
Error error_of_bye(const wire::UntaggedStatus& bye);

}  // namespace mailmirror::imap::client
