// The items of a FETCH response (RFC 3501 §7.4.2, RFC 7162, RFC 8474, X-GM-EXT-1).
#pragma once

#include "imap/wire/response_parser.hpp"
#include "imap/wire/scanner.hpp"

namespace mailmirror::imap::wire {

struct ParsedFetch {
  Fetch fetch;
  std::optional<std::string> inline_body;
};

/// From the opening parenthesis on. Items that mean nothing to us (ENVELOPE, BODYSTRUCTURE, labels) are skipped, whatever their shape.
ParsedFetch parse_fetch(Scanner& in, StreamedBody streamed);

/// Whether an item's name means the whole message: BODY[], BODY[]<0>, RFC822.
bool names_whole_body(std::string_view item);

}  // namespace mailmirror::imap::wire
