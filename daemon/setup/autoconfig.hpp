// The configuration that providers publish for mail programs (config-v1.1.xml). The document is a stranger's.
#pragma once

#include "daemon/setup/address.hpp"
#include "daemon/setup/offer.hpp"

#include <string_view>
#include <vector>

namespace mailmirror::daemon::setup {

inline constexpr std::size_t kLongestAutoconfig = 64 * 1024;

/// Its IMAP servers with TLS, implicit TLS first, for this address; `source` is noted in each. Empty: it names none. A server
/// without TLS counts only on this machine. Errors (protocol): no such document, too large, too many elements.
Result<std::vector<Offer>> parse_autoconfig(std::string_view xml, const MailAddress& address, const std::string& source);

}  // namespace mailmirror::daemon::setup
