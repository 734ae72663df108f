#include "daemon/http/url.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>

namespace mailmirror::http {
namespace {

std::uint16_t own_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

/// For messages: never the whole of something long or unprintable.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 80));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_visible(c); }, '?');
  return text.size() > 80 ? out + "…" : out;
}

Error refuse(std::string_view text, std::string_view why) {
  return fail(ErrorKind::protocol, fmt::format("'{}' can't be fetched: {}", shown(text), why));
}

/// Host and port into `url`; false if they are no such thing.
bool take_authority(std::string_view authority, Url& url) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return false;
    url.host = ascii::to_lower(authority.substr(1, end - 1));
    boost::system::error_code no_address;
    boost::asio::ip::make_address_v6(url.host, no_address);
    port = authority.substr(end + 1);
    if (no_address || (!port.empty() && port.front() != ':')) return false;
    port.remove_prefix(port.empty() ? 0 : 1);
  } else {
    const auto colon = authority.find(':');
    url.host = ascii::to_lower(authority.substr(0, colon));
    if (url.host.empty() || url.host.size() > 253 || !std::all_of(url.host.begin(), url.host.end(), is_host_character))
      return false;
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
  }
  url.port = own_port(url.scheme);
  if (port.empty()) return true;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  return failure == std::errc() && end == port.data() + port.size() && url.port != 0;
}

}  // namespace

std::string Url::authority() const {
  const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == own_port(scheme) ? name : fmt::format("{}:{}", name, port);
}

std::string Url::origin() const {
  return scheme + "://" + authority();
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) return refuse(text, "the address is too long");
  if (!std::all_of(text.begin(), text.end(), is_visible)) return refuse(text, "there are spaces or unprintable characters in it");
  Url url;
  const auto mark = text.find("://");
  if (mark != std::string_view::npos) url.scheme = ascii::to_lower(text.substr(0, mark));
  if (url.scheme != "https" && url.scheme != "http") return refuse(text, "it should begin with https://");
  auto rest = text.substr(mark + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return refuse(text, "there is a user name or password in it");
  if (!take_authority(authority, url)) return refuse(text, "its host or port makes no sense");
  url.target = rest.substr(authority.size());
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  const auto colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?#")) return parse_url(reference);
  const auto path = base.target.substr(0, base.target.find('?'));
  if (reference.starts_with('/')) return parse_url(base.origin() + std::string(reference));
  if (reference.starts_with('?')) return parse_url(base.origin() + path + std::string(reference));
  if (reference.empty() || reference.starts_with('#')) return base;
  return parse_url(base.origin() + path.substr(0, path.rfind('/') + 1) + std::string(reference));
}

}  // namespace mailmirror::http
