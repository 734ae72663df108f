#include "daemon/setup/dns_answer.hpp"

#include "daemon/setup/address.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::size_t kMostRecords = 32;
constexpr std::size_t kSrvHead = 6;
constexpr std::size_t kMxHead = 2;

std::uint16_t number_at(const unsigned char* octets) {
  return static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
}

/// The name that begins `head` octets into the record's data; "" is the root.
std::optional<std::string> name_in(const ns_msg& message, const ns_rr& record, std::size_t head) {
  if (ns_rr_rdlen(record) <= head) return std::nullopt;
  std::array<char, NS_MAXDNAME> name{};
  const auto* data = ns_rr_rdata(record);
  // It may point backwards into the packet; glibc follows such pointers no further than the packet is long.
  if (dn_expand(ns_msg_base(message), ns_msg_end(message), data + head, name.data(), static_cast<int>(name.size())) < 0)
    return std::nullopt;
  return lower(name.data());
}

template <class Take>
Result<void> for_each_answer(std::span<const unsigned char> packet, ns_type type, Take take) {
  ns_msg message{};
  if (ns_initparse(packet.data(), static_cast<int>(packet.size()), &message) != 0)
    return fail(ErrorKind::protocol, "the DNS server's answer makes no sense");
  const std::size_t count = std::min<std::size_t>(ns_msg_count(message, ns_s_an), kMostRecords);
  for (std::size_t n = 0; n < count; ++n) {
    ns_rr record{};
    if (ns_parserr(&message, ns_s_an, static_cast<int>(n), &record) != 0)
      return fail(ErrorKind::protocol, "the DNS server's answer is cut off");
    if (ns_rr_type(record) == type && ns_rr_class(record) == ns_c_in) take(message, record);
  }
  return ok();
}

}  // namespace

Result<std::vector<SrvRecord>> parse_srv(std::span<const unsigned char> packet) {
  std::vector<SrvRecord> records;
  const auto parsed = for_each_answer(packet, ns_t_srv, [&](const ns_msg& message, const ns_rr& record) {
    const auto target = name_in(message, record, kSrvHead);
    if (!target || !(target->empty() || is_host_name(*target))) return;
    const auto* data = ns_rr_rdata(record);
    const SrvRecord srv{number_at(data), number_at(data + 2), number_at(data + 4), *target};
    if (srv.target.empty() || srv.port != 0) records.push_back(srv);
  });
  MAILMIRROR_TRY(parsed);
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.priority, -static_cast<int>(a.weight)) < std::tuple(b.priority, -static_cast<int>(b.weight));
  });
  return records;
}

Result<std::vector<MxRecord>> parse_mx(std::span<const unsigned char> packet) {
  std::vector<MxRecord> records;
  const auto parsed = for_each_answer(packet, ns_t_mx, [&](const ns_msg& message, const ns_rr& record) {
    const auto host = name_in(message, record, kMxHead);
    if (host && is_host_name(*host)) records.push_back({number_at(ns_rr_rdata(record)), *host});
  });
  MAILMIRROR_TRY(parsed);
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.preference < b.preference; });
  return records;
}

}  // namespace mailmirror::daemon::setup
