// What ties a login to a TLS connection.
#pragma once

#include "imap/transport/transport.hpp"

#include <openssl/ssl.h>

#include <vector>

namespace mailmirror::imap::transport {

/// After the handshake: tls-exporter (RFC 9266) where the connection is TLS 1.3, and tls-server-end-point (RFC 5929 §4) where the
/// certificate's signature names a hash. tls-unique isn't among them: TLS 1.3 has none, and before it, it was broken.
std::vector<ChannelBinding> channel_bindings(SSL& ssl);

}  // namespace mailmirror::imap::transport
