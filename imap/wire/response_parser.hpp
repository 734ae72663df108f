// From the bytes of one whole response to its value.
#pragma once

#include "imap/wire/response.hpp"
#include "imap/wire/scanner.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::wire {

struct ParsedResponse {
  Response response;
  /// A BODY[] that came as a quoted string: short, but to be handed on like a streamed one.
  std::optional<std::string> inline_body;
};

enum class StreamedBody : std::uint8_t { no, yes };

/// `text` is without its final CRLF and holds its literals in place. Throws SyntaxError where an important response (FETCH,
/// VANISHED, SEARCH, LIST, STATUS, a tagged one) makes no sense; others become Unknown then. Throws TooLarge.
ParsedResponse parse_response(std::string_view text, StreamedBody streamed, const ScanRules& rules);

}  // namespace mailmirror::imap::wire
