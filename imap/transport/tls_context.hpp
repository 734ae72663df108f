// OpenSSL's objects, owned, and the settings that every handshake starts from.
#pragma once

#include "imap/transport/tls.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace mailmirror::imap::transport {

template <auto Free>
struct OpenSslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using SslContextPtr = std::unique_ptr<SSL_CTX, OpenSslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpenSslFree<SSL_free>>;

/// TLS 1.2 or later, released buffers, the trusted issuers, our own certificate. Reads files. Errors: configuration.
Result<SslContextPtr> make_context(const TlsTrust& trust, const ClientCertificate& certificate);

/// Lower-case hexadecimal digits of a "sha256:…" fingerprint. Errors: configuration.
Result<std::string> parse_fingerprint(std::string_view text);

/// Whether `host` is an IP address (then the certificate must be for that address, and there is no SNI, RFC 6066 §3).
bool is_ip_address(const std::string& host);

/// What OpenSSL put into its error queue last, in its words; empties the queue.
std::string last_openssl_error();

}  // namespace mailmirror::imap::transport
