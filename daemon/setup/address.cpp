#include "daemon/setup/address.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <vector>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::size_t kLongestLocal = 256;
constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestLabel = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLongestLabel || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

std::vector<std::string_view> labels_of(std::string_view host) {
  std::vector<std::string_view> labels;
  while (true) {
    const auto dot = host.find('.');
    labels.push_back(host.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    host.remove_prefix(dot + 1);
  }
}

/// Quoted local parts exist on paper only.
bool is_local(std::string_view local) {
  const auto is_bad = [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet <= ' ' || octet == 0x7f || std::string_view("\"<>()[]\\,;:@").find(c) != std::string_view::npos;
  };
  return !local.empty() && local.size() <= kLongestLocal && std::none_of(local.begin(), local.end(), is_bad);
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestHost) return false;
  const auto labels = labels_of(text);
  return std::all_of(labels.begin(), labels.end(), is_label);
}

bool is_host(std::string_view text) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(std::string(text), no_address);
  return !no_address || is_host_name(text);
}

std::string base_domain(std::string_view host) {
  const auto labels = labels_of(host);
  if (labels.size() < 3) return lower(host);
  const auto& top = labels.back();
  const auto& second = labels[labels.size() - 2];
  const std::size_t kept = top.size() == 2 && second.size() <= 3 ? 3 : 2;
  std::string domain;
  for (auto n = labels.size() - kept; n < labels.size(); ++n) domain += (domain.empty() ? "" : ".") + std::string(labels[n]);
  return lower(domain);
}

Result<MailAddress> parse_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos)
    return fail(ErrorKind::configuration, fmt::format("'{}' is no mail address: it is something like me@example.org", text));
  MailAddress address{std::string(text.substr(0, at)), lower(text.substr(at + 1))};
  if (!is_local(address.local))
    return fail(ErrorKind::configuration,
                fmt::format("'{}' is no mail address: what stands before the @ can't be one's name", text));
  if (std::any_of(address.domain.begin(), address.domain.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return fail(ErrorKind::configuration, fmt::format("'{}': write the domain as the DNS does (xn--…)", text));
  if (!is_host_name(address.domain))
    return fail(ErrorKind::configuration, fmt::format("'{}' is no mail address: '{}' can't be a domain", text, address.domain));
  return address;
}

}  // namespace mailmirror::daemon::setup
