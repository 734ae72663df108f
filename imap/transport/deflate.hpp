// COMPRESS=DEFLATE (RFC 4978): raw deflate streams in both directions, flushed after each write.
#pragma once

#include "imap/transport/transport.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace mailmirror::imap::transport {

/// `already_read`: compressed bytes that came in the same packet as the server's OK.
std::unique_ptr<Transport> wrap_deflate(std::unique_ptr<Transport> below, std::vector<std::byte> already_read);

}  // namespace mailmirror::imap::transport
