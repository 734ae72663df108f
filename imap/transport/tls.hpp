// TLS over any transport: OpenSSL with memory BIOs, so that it never touches a socket itself.
#pragma once

#include "imap/transport/transport.hpp"

#include <memory>
#include <string>

namespace mailmirror::imap::transport {

class TlsContexts;

/// What makes a server's certificate trusted.
struct TlsTrust {
  /// PEM file of issuers, in place of the system's store; "" for the system's.
  std::string ca_file;
  /// "sha256:HEX" of the whole certificate (colons optional, any case), in place of chain and host name; "" for none.
  std::string fingerprint;
};

/// What this side shows to a server that asks for it (SASL EXTERNAL).
struct ClientCertificate {
  std::string file;      ///< PEM, with its chain; "" for none
  std::string key_file;  ///< PEM, not encrypted; "" if the key stands in `file`, too
};

struct TlsSettings {
  std::string host;  ///< a name (sent as SNI) or an IP address; the certificate has to be for it
  TlsTrust trust;
  ClientCertificate certificate{};
};

/// The handshake, TLS 1.2 or later, as the client. Reads of the result may run beside writes. The certificate is verified before
/// a byte of ours is sent inside. The result has channel bindings: tls-exporter (RFC 9266) with TLS 1.3, and tls-server-end-point
/// (RFC 5929). Errors: certificate (what is wrong with it and what to do), tls, configuration (ca_file or the client's certificate
/// can't be read, malformed fingerprint), network.
/// `contexts`: where connections share what is read from files; it is used during the call only. nullptr: nowhere.
Task<Result<std::unique_ptr<Transport>>> wrap_tls(std::unique_ptr<Transport> below, TlsSettings settings, TlsContexts* contexts = nullptr);

}  // namespace mailmirror::imap::transport
