// The items of a FETCH response (RFC 3501 §7.4.2, RFC 7162, RFC 8474, X-GM-EXT-1).
#pragma once

#include "imap/wire/response_parser.hpp"
#include "imap/wire/scanner.hpp"

namespace mailmirror::imap::wire {

struct ParsedFetch {
  Fetch fetch;
  std::optional<std::string> inline_body;
};

/// From the opening parenthesis on. Items that mean nothing to us (ENVELOPE, BODYSTRUCTURE, labels) are skipped, whatever their
/// shape. Throws SyntaxError.
ParsedFetch parse_fetch(Scanner& in, StreamedBody streamed);

/// What a FETCH told before its body.
struct FetchHead {
  /// 0 in a UIDFETCH.
  std::uint32_t sequence = 0;
  std::optional<Uid> uid;
};

/// `text` is a response up to where a literal's "{" stands. nullopt: that literal isn't a message (BODY[], BODY[]<0>, RFC822).
/// Throws SyntaxError where it is named like one, but isn't an item of a FETCH.
std::optional<FetchHead> announced_body(std::string_view text, const ScanRules& rules);

}  // namespace mailmirror::imap::wire
