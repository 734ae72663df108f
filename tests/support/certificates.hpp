// Throw-away keys and certificates for servers on loopback.
#pragma once

#include "tests/support/harness.hpp"

namespace mailmirror::testing {

/// How the server's certificate is, seen by a client that trusts the authority and connects to localhost or 127.0.0.1.
struct CertificateOptions {
  /// Its subject alternative name, beside 127.0.0.1 when it is "localhost".
  std::string host = "localhost";
  /// From now, in seconds: both may lie in the past.
  long valid_from = -3600;
  long valid_until = 86'400;
  /// By a key of its own in place of the authority's.
  enum class Signer { authority, itself } signer = Signer::authority;
  /// The common name of a client's certificate by the same authority.
  std::string client = "u1";
  /// The authority's name: two in one file are told apart by it.
  std::string authority = "mailmirror test authority";
};

/// Writes ca.crt, server.crt, server.key, client.crt and client.key (PEM, P-256) into `folder`.
void make_certificates(const fs::path& folder, const CertificateOptions& options);

}  // namespace mailmirror::testing
