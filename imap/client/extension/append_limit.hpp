// APPENDLIMIT (RFC 7889): the largest message that the server takes.
#pragma once

#include "imap/client/capabilities.hpp"
#include "sync/base/result.hpp"

#include <cstdint>

namespace mailmirror::imap::client {

/// Error refused: the server said beforehand that it takes no message of `size` octets, so it isn't sent.
Result<void> check_append_size(const Capabilities& capabilities, std::uint64_t size);

}  // namespace mailmirror::imap::client
