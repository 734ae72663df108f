// The text of a status response, and the code in brackets before it (RFC 3501 §7.1, RFC 4315, RFC 7162, RFC 8474).
#pragma once

#include "imap/wire/response.hpp"
#include "imap/wire/scanner.hpp"

#include <optional>
#include <string>
#include <utility>

namespace mailmirror::imap::wire {

/// What follows "OK ". A code that makes no sense is kept as text: the status itself counts.
std::pair<std::optional<ResponseCode>, std::string> parse_status_text(Scanner& in);

}  // namespace mailmirror::imap::wire
