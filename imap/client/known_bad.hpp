// Extensions that certain servers offer and can't be trusted with.
#pragma once

#include "imap/client/capabilities.hpp"

#include <string_view>

namespace mailmirror::imap::client {

/// Takes away what the server at `host` is known to do wrongly.
void remove_known_bad(Capabilities& capabilities, std::string_view host);

}  // namespace mailmirror::imap::client
