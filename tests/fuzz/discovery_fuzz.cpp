// What is told of a mail server by the DNS and by a web page, both a stranger's: no crash, and nothing gets through that can't be
// used as it is.
#include "daemon/config/loopback.hpp"
#include "daemon/setup/autoconfig.hpp"
#include "daemon/setup/dns_answer.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace {

using namespace mailmirror::daemon;
using mailmirror::fuzz::require;

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

void check_page(std::string_view page) {
  const auto offers = setup::parse_autoconfig(page, {"me", "example.org"}, "the fuzzer");
  if (!offers) return;
  for (const auto& offer : *offers) {
    require(setup::is_host(offer.host), "a host");
    require(offer.port != 0, "a port");
    require(!offer.user.empty() && is_plain(offer.user), "a user");
    require(offer.tls != config::Tls::none || config::is_loopback(offer.host), "no plain text beyond this machine");
    require(is_plain(offer.issuer) && is_plain(offer.scopes), "an issuer");
  }
}

void check_packet(std::span<const unsigned char> packet) {
  if (const auto records = setup::parse_srv(packet))
    for (const auto& record : *records) require(record.target.empty() || setup::is_host_name(record.target), "an SRV target");
  if (const auto records = setup::parse_mx(packet))
    for (const auto& record : *records) require(setup::is_host_name(record.host), "a mail exchanger");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_packet({data, size});
  check_page({reinterpret_cast<const char*>(data), size});
  return 0;
}
