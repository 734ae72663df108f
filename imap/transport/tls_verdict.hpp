// Whether a server's certificate is trusted, and if not, why not and what to do about it.
#pragma once

#include "imap/transport/tls_context.hpp"

#include <openssl/x509.h>

#include <optional>
#include <string>

namespace mailmirror::imap::transport {

/// OpenSSL asks it during the handshake. Must outlive the SSL it watches.
class CertificateVerdict {
 public:
  /// `pinned`: 64 hexadecimal digits that stand in place of chain and host name; "" for none.
  CertificateVerdict(std::string host, std::string pinned) : host_(std::move(host)), pinned_(std::move(pinned)) {}

  /// Sets SNI, the expected name, and this object as the one that is asked. Other connections may share the SSL's context.
  void attach(SSL& ssl);

  /// Contexts that `attach`ed connections are made of ask the connection's own verdict.
  static void prepare(SSL_CTX& context);

  /// Set if the certificate was refused.
  [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }

 private:
  static int on_verify(X509_STORE_CTX* chain, void* unused);
  bool verify(X509_STORE_CTX& chain);
  [[nodiscard]] Error refused(X509_STORE_CTX& chain, X509& leaf) const;

  std::string host_;
  std::string pinned_;
  std::optional<Error> refusal_;
};

}  // namespace mailmirror::imap::transport
