// Mailbox names on the wire (RFC 3501 §5.1.3).
#pragma once

#include "imap/wire/name_encoding.hpp"
#include "imap/wire/response.hpp"
#include "sync/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailmirror::imap::wire {

/// Whether `text` is UTF-8 as RFC 3629 says: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// The one encoding that RFC 3501 allows. Error `unsupported`: not UTF-8.
Result<std::string> encode_modified_utf7(std::string_view utf8);

/// Strict, and so reversible: every text that decodes is the one encoding of its result. Error `protocol` for all else: 8-bit or
/// control characters, unfinished or superfluous shifts, lone surrogates, non-zero padding bits.
Result<std::string> decode_modified_utf7(std::string_view wire);

/// A name as a server sent it. What doesn't decode is told as well as can be, and marked inexact.
struct DecodedName {
  MailboxName name;
  NameForm form = NameForm::exact;
};
DecodedName decode_mailbox_name(std::string_view wire, std::optional<char> delimiter, NameEncoding encoding);

}  // namespace mailmirror::imap::wire
