// Asking the DNS, by the system's resolver and its configuration.
#pragma once

#include "daemon/setup/dns_answer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::daemon::setup {

/// An IPv4 server that is asked in place of the system's: tests have one.
struct DnsServer {
  std::string address;
  std::uint16_t port = 53;
};

/// "127.0.0.1:5353". Errors (configuration).
Result<DnsServer> parse_dns_server(const std::string& text);

/// Blocking, some seconds at most. Empty: there is no such record. Errors: network (no server answers), protocol.
Result<std::vector<SrvRecord>> look_up_srv(const std::string& name, const std::optional<DnsServer>& server);
Result<std::vector<MxRecord>> look_up_mx(const std::string& name, const std::optional<DnsServer>& server);

}  // namespace mailmirror::daemon::setup
