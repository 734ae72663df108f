// What a session needs to know about its server and its user.
#pragma once

#include "imap/auth/method.hpp"
#include "imap/transport/connector.hpp"
#include "imap/transport/tls.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/log.hpp"
#include "sync/base/random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::imap::client {

using auth::AuthMethod;
using auth::SecretKind;
using transport::ClientCertificate;
using transport::TlsTrust;

/// What sessions live on. The referenced objects outlive every session.
struct Environment {
  Clock& clock;
  BlockingPool& pool;
  Random& random;
  transport::Connector& connector;
  LogPtr log;
};

enum class TlsMode : std::uint8_t {
  implicit,  ///< from the first byte (RFC 8314)
  starttls,  ///< before anything of value is sent; without it no login
  none,
};

/// Whether a password may cross a line without TLS.
enum class Plaintext : std::uint8_t { loopback_only, anywhere };

struct Server {
  std::string host;
  std::uint16_t port = 993;
  TlsMode tls = TlsMode::implicit;
  TlsTrust trust;
  ClientCertificate certificate{};
  Plaintext plaintext = Plaintext::loopback_only;
};

struct Login {
  std::string user;
  AuthMethod method = AuthMethod::automatic;
  std::string secret;
  SecretKind kind = SecretKind::password;
};

enum class Compression : std::uint8_t { where_offered, off };

struct SessionOptions {
  Server server;
  Login login;
  /// Capability names to be ignored.
  std::vector<std::string> disabled_extensions;
  Compression compression = Compression::where_offered;
  /// What a response of the server's may take, in bytes, besides bodies, which are streamed (wire::Limits).
  std::size_t memory = 16 * 1024 * 1024;
  /// From the first packet to the greeting, TLS included.
  Duration connect_timeout = std::chrono::seconds(30);
  /// A command is under way and no byte moves for this long: the connection is given up.
  Duration command_timeout = std::chrono::seconds(120);
};

}  // namespace mailmirror::imap::client
