// The question behind most tests: do server and Maildir hold the same?
#pragma once

#include "tests/support/imap_probe.hpp"
#include "tests/support/local_maildir.hpp"

#include <string>
#include <vector>

namespace mailmirror::testing {

/// Empty when both sides hold the same mailboxes (also those without messages) and in each the same messages: bytes, flags, and
/// INTERNALDATE against mtime; nothing missing and nothing twice. Else what differs, a line each, the first twenty.
/// CRLF counts as LF, unless the wire form holds a bare CR or LF: then the file must be byte for byte the same.
std::string compare_sides(ImapProbe& server, const LocalMaildir& maildir);

/// The same for one mailbox's messages.
std::vector<std::string> compare_messages(const std::vector<ProbeMessage>& remote, const std::vector<LocalMessage>& local);

/// CRLF to LF.
std::string with_lf(std::string_view bytes);
/// LF to CRLF; what is CRLF already stays so.
std::string with_crlf(std::string_view bytes);
bool has_bare_line_end(std::string_view bytes);

}  // namespace mailmirror::testing
