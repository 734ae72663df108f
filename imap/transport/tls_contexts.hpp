// What handshakes of one process have in common: the trusted issuers are read and kept once, however many connections there are.
#pragma once

#include "imap/transport/tls.hpp"

#include <map>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace mailmirror::imap::transport {

/// Each context lives as long as a connection uses it; files that changed meanwhile are read anew. Network thread only.
class TlsContexts {
 public:
  /// Errors: as `make_context`.
  Result<std::shared_ptr<ssl_ctx_st>> get(const TlsTrust& trust, const ClientCertificate& certificate);

 private:
  std::map<std::string, std::weak_ptr<ssl_ctx_st>> contexts_;
};

}  // namespace mailmirror::imap::transport
