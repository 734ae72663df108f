#include "daemon/setup/dns.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include <charconv>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::size_t kLongestAnswer = 16 * 1024;
constexpr int kSecondsToAnswer = 3;
constexpr int kTries = 2;

/// A resolver of this call's own: the process' global one belongs to nobody.
class Resolver {
 public:
  explicit Resolver(const std::optional<DnsServer>& server) {
    usable_ = res_ninit(&state_) == 0;
    if (!usable_) return;
    state_.retrans = kSecondsToAnswer;
    state_.retry = kTries;
    if (!server) return;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server->port);
    inet_pton(AF_INET, server->address.c_str(), &address.sin_addr);
    state_.nsaddr_list[0] = address;
    state_.nscount = 1;
  }
  ~Resolver() {
    if (usable_) res_nclose(&state_);
  }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Empty: there is no such record.
  Result<std::vector<unsigned char>> ask(const std::string& name, ns_type type) {
    std::vector<unsigned char> answer(kLongestAnswer);
    if (!usable_) return fail(ErrorKind::network, "the system's resolver can't be set up");
    const int length = res_nquery(&state_, name.c_str(), ns_c_in, type, answer.data(), static_cast<int>(answer.size()));
    if (length < 0 && (state_.res_h_errno == HOST_NOT_FOUND || state_.res_h_errno == NO_DATA)) return std::vector<unsigned char>{};
    if (length < 0) return fail(ErrorKind::network, "no DNS server answers");
    answer.resize(std::min(static_cast<std::size_t>(length), kLongestAnswer));
    return answer;
  }

 private:
  struct __res_state state_ {};
  bool usable_ = false;
};

template <class Record>
Result<std::vector<Record>> look_up(const std::string& name, ns_type type, const std::optional<DnsServer>& server,
                                    Result<std::vector<Record>> (*parse)(std::span<const unsigned char>)) {
  Resolver resolver(server);
  const auto answer = resolver.ask(name, type);
  MAILMIRROR_TRY(answer);
  if (answer->empty()) return std::vector<Record>{};
  return parse(*answer);
}

}  // namespace

Result<DnsServer> parse_dns_server(const std::string& text) {
  DnsServer server;
  const auto colon = text.rfind(':');
  server.address = text.substr(0, colon);
  in_addr address{};
  bool good = inet_pton(AF_INET, server.address.c_str(), &address) == 1;
  if (colon != std::string::npos) {
    const auto* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, server.port);
    good = good && failure == std::errc() && stop == end;
  }
  if (!good) return fail(ErrorKind::configuration, fmt::format("'{}' is no DNS server: it is something like 127.0.0.1:5353", text));
  return server;
}

Result<std::vector<SrvRecord>> look_up_srv(const std::string& name, const std::optional<DnsServer>& server) {
  return look_up<SrvRecord>(name, ns_t_srv, server, parse_srv);
}

Result<std::vector<MxRecord>> look_up_mx(const std::string& name, const std::optional<DnsServer>& server) {
  return look_up<MxRecord>(name, ns_t_mx, server, parse_mx);
}

}  // namespace mailmirror::daemon::setup
