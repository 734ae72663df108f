// The configuration file of a private Dovecot.
#pragma once

#include "tests/support/dovecot_server.hpp"

#include <string>

namespace mailmirror::testing {

struct DovecotPlaces {
  fs::path folder;
  std::string user;
  std::string group;
  std::uint16_t port;
  std::uint16_t tls_port;
  /// Shown to clients first: a test knows by it that the port is its own server's.
  std::string greeting;
};

std::string dovecot_config(const DovecotOptions& options, const DovecotPlaces& places);

}  // namespace mailmirror::testing
