#include "daemon/setup/network_sources.hpp"

#include "daemon/http/fetch.hpp"
#include "daemon/setup/autoconfig.hpp"

#include <fmt/format.h>

#include <utility>

namespace mailmirror::daemon::setup {
namespace {

constexpr auto kPatience = std::chrono::seconds(8);
constexpr unsigned kFound = 200;

}  // namespace

/// Connects to one place, whatever is asked for.
class NetworkSources::Detour final : public imap::transport::Connector {
 public:
  Detour(imap::transport::Connector& network, DnsServer place) : network_(network), place_(std::move(place)) {}
  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(std::string, std::uint16_t) override {
    return network_.connect(place_.address, place_.port);
  }

 private:
  imap::transport::Connector& network_;
  DnsServer place_;
};

NetworkSources::NetworkSources(std::optional<std::string> ca_file, BlockingPool& pool, Clock& clock)
    : pool_(pool), clock_(clock), ca_file_(std::move(ca_file)), network_(pool, clock) {}

NetworkSources::~NetworkSources() = default;

Result<std::unique_ptr<NetworkSources>> NetworkSources::make(const Environment& environment, std::optional<std::string> ca_file,
                                                             BlockingPool& pool, Clock& clock) {
  std::unique_ptr<NetworkSources> sources(new NetworkSources(std::move(ca_file), pool, clock));
  if (const auto told = environment.get("MAILMIRROR_DNS_SERVER")) {
    const auto server = parse_dns_server(*told);
    if (!server) return error_in(server, "MAILMIRROR_DNS_SERVER");
    sources->dns_ = *server;
  }
  if (const auto told = environment.get("MAILMIRROR_CONNECT_TO")) {
    const auto place = parse_dns_server(*told);
    if (!place) return error_in(place, "MAILMIRROR_CONNECT_TO");
    sources->detour_ = std::make_unique<Detour>(sources->network_, *place);
  }
  return sources;
}

Task<Result<std::vector<SrvRecord>>> NetworkSources::srv(std::string name) {
  auto look_up = [&] { return look_up_srv(name, dns_); };
  auto records = co_await pool_.run(look_up);
  co_return std::move(records);
}

Task<Result<std::vector<MxRecord>>> NetworkSources::mx(std::string domain) {
  auto look_up = [&] { return look_up_mx(domain, dns_); };
  auto records = co_await pool_.run(look_up);
  co_return std::move(records);
}

Task<Result<std::string>> NetworkSources::page(std::string url) {
  http::Request request;
  request.url = std::move(url);
  http::Options options;
  options.ca_file = ca_file_;
  options.timeout = kPatience;
  options.max_body = kLongestAutoconfig;
  options.connector = detour_ ? detour_.get() : &network_;
  options.clock = &clock_;
  auto response = co_await http::fetch(std::move(request), std::move(options));
  MAILMIRROR_CO_TRY(response);
  if (response->status != kFound) co_return fail(ErrorKind::missing, fmt::format("there is none (status {})", response->status));
  co_return std::move(response->body);
}

}  // namespace mailmirror::daemon::setup
