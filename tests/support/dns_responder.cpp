#include "tests/support/dns_responder.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

namespace mailmirror::testing {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kAnswered = 0x8180;
constexpr std::uint16_t kNoSuchName = 0x8183;
constexpr int kLookUpMs = 20;

std::string two(std::uint16_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

std::uint16_t number_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(text[at]) << 8 | static_cast<unsigned char>(text[at + 1]));
}

struct Asked {
  std::string name;
  std::uint16_t type = 0;
};

std::optional<Asked> question_in(std::string_view packet) {
  Asked asked;
  auto at = kHeader;
  while (at < packet.size() && packet[at] != 0) {
    const auto length = static_cast<std::size_t>(packet[at]);
    if (at + length + 1 >= packet.size()) return std::nullopt;
    asked.name += (asked.name.empty() ? "" : ".") + std::string(packet.substr(at + 1, length));
    at += length + 1;
  }
  if (at + 5 > packet.size()) return std::nullopt;
  asked.type = number_at(packet, at + 1);
  return asked;
}

}  // namespace

std::string dns_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return wire + '\0';
}

std::string srv_data(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target) {
  return two(priority) + two(weight) + two(port) + dns_name(target);
}

std::string mx_data(std::uint16_t preference, std::string_view host) {
  return two(preference) + dns_name(host);
}

std::string dns_answer(std::uint16_t id, std::string_view name, std::uint16_t type, const std::vector<std::string>& records) {
  const auto flags = records.empty() ? kNoSuchName : kAnswered;
  auto packet = two(id) + two(flags) + two(1) + two(static_cast<std::uint16_t>(records.size())) + two(0) + two(0);
  packet += dns_name(name) + two(type) + two(1);
  for (const auto& data : records)
    // The name is the question's, by a pointer.
    packet += "\xc0\x0c" + two(type) + two(1) + std::string("\0\0\0\x3c", 4) + two(static_cast<std::uint16_t>(data.size())) + data;
  return packet;
}

DnsResponder::DnsResponder() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (socket_ < 0 || ::bind(socket_, any, length) != 0 || ::getsockname(socket_, any, &length) != 0)
    throw_errno("a DNS server's socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DnsResponder::~DnsResponder() {
  ends_ = true;
  thread_.join();
  ::close(socket_);
}

void DnsResponder::add(const std::string& name, std::uint16_t type, std::string data) {
  const std::lock_guard lock(mutex_);
  records_[{name, type}].push_back(std::move(data));
}

std::string DnsResponder::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> DnsResponder::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void DnsResponder::serve() {
  while (!ends_) {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, kLookUpMs) <= 0) continue;
    std::array<char, 1500> packet{};
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const auto got = ::recvfrom(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (got < static_cast<ssize_t>(kHeader)) continue;
    const auto answer = answer_to({packet.data(), static_cast<std::size_t>(got)});
    (void)::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), length);
  }
}

std::string DnsResponder::answer_to(std::string_view question) {
  const auto asked = question_in(question);
  if (!asked) return {};
  const std::lock_guard lock(mutex_);
  asked_.push_back(asked->name + "/" + std::to_string(asked->type));
  const auto found = records_.find({asked->name, asked->type});
  return dns_answer(number_at(question, 0), asked->name, asked->type,
                    found == records_.end() ? std::vector<std::string>{} : found->second);
}

}  // namespace mailmirror::testing
