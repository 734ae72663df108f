// The DNS and the web as sources of a discovery.
#pragma once

#include "daemon/setup/discover.hpp"
#include "daemon/setup/dns.hpp"
#include "imap/transport/tcp.hpp"
#include "sync/base/blocking_pool.hpp"
#include "sync/base/clock.hpp"
#include "sync/base/environment.hpp"

#include <optional>
#include <string>

namespace mailmirror::daemon::setup {

/// Tests turn the questions to servers of their own: MAILMIRROR_DNS_SERVER (127.0.0.1:PORT) is asked in place of the system's, and
/// MAILMIRROR_CONNECT_TO (127.0.0.1:PORT) is connected to for every web address; certificates are checked all the same, against the
/// issuers in `ca_file` if there is one.
class NetworkSources final : public Sources {
 public:
  static Result<std::unique_ptr<NetworkSources>> make(const Environment& environment, std::optional<std::string> ca_file,
                                                      BlockingPool& pool, Clock& clock);

  Task<Result<std::vector<SrvRecord>>> srv(std::string name) override;
  Task<Result<std::vector<MxRecord>>> mx(std::string domain) override;
  Task<Result<std::string>> page(std::string url) override;

 private:
  class Detour;

  NetworkSources(std::optional<std::string> ca_file, BlockingPool& pool, Clock& clock);

  BlockingPool& pool_;
  Clock& clock_;
  std::optional<std::string> ca_file_;
  std::optional<DnsServer> dns_;
  imap::transport::TcpConnector network_;
  std::unique_ptr<imap::transport::Connector> detour_;

 public:
  ~NetworkSources() override;
};

}  // namespace mailmirror::daemon::setup
