// Mailbox names on the wire (RFC 3501 §5.1.3).
#pragma once

#include "sync/base/result.hpp"

#include <string>
#include <string_view>

namespace mailmirror::imap::wire {

/// Errors: protocol, where the text isn't modified UTF-7 (also: printable ASCII in base64, a shift that needn't be, lone
/// surrogates).
Result<std::string> decode_modified_utf7(std::string_view text);

/// Errors: protocol, where the text isn't UTF-8.
Result<std::string> encode_modified_utf7(std::string_view utf8);

/// `text` with U+FFFD for each octet that doesn't belong to a UTF-8 character (RFC 3629: no overlong forms, no surrogates).
std::string with_valid_utf8(std::string_view text);

}  // namespace mailmirror::imap::wire
