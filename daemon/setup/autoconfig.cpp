#include "daemon/setup/autoconfig.hpp"

#include "daemon/config/loopback.hpp"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <utility>

namespace mailmirror::daemon::setup {
namespace {

using boost::property_tree::ptree;

/// Published ones have some 150. The parser recurses, and nothing can nest deeper than it has tags.
constexpr std::ptrdiff_t kMostTags = 2000;
constexpr std::size_t kMostOffers = 8;
constexpr std::size_t kLongestUser = 320;

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

std::string filled_in(std::string text, const MailAddress& address) {
  replace_all(text, "%EMAILADDRESS%", address.text());
  replace_all(text, "%EMAILLOCALPART%", address.local);
  replace_all(text, "%EMAILDOMAIN%", address.domain);
  return text;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string text_in(const ptree& element, const char* name) {
  return trimmed(element.get<std::string>(name, ""));
}

std::optional<std::uint16_t> port_in(const ptree& element) {
  const auto text = text_in(element, "port");
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<config::Tls> tls_in(const ptree& element, const std::string& host) {
  const auto word = lower(text_in(element, "socketType"));
  if (word == "ssl") return config::Tls::implicit;
  if (word == "starttls") return config::Tls::starttls;
  if (word == "plain" && config::is_loopback(host)) return config::Tls::none;
  return std::nullopt;
}

bool is_user(const std::string& text) {
  return !text.empty() && text.size() <= kLongestUser && text.find('%') == std::string::npos &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

/// Which ways to log in are named.
struct Methods {
  bool password = false;
  bool oauth2 = false;
};

Methods methods_of(const ptree& server) {
  Methods methods;
  for (const auto& [name, element] : server) {
    if (name != "authentication") continue;
    const auto word = lower(trimmed(element.data()));
    methods.oauth2 = methods.oauth2 || word == "oauth2";
    methods.password = methods.password || word.starts_with("password-") || word == "plain" || word == "secure";
  }
  if (!methods.oauth2) methods.password = true;
  return methods;
}

/// Who signs the user in, as the document's <oAuth2> says.
struct OAuth2 {
  std::string issuer;
  std::string scopes;
};

void add_oauth2(Offer& offer, const OAuth2& oauth2) {
  const auto& issuer = oauth2.issuer;
  if (issuer == "accounts.google.com") offer.provider = "google";
  if (issuer == "login.microsoftonline.com") offer.provider = "microsoft";
  // Without a scope to ask for it is of no use.
  if (!offer.provider.empty() || !is_host_name(issuer) || !is_user(oauth2.scopes)) return;
  offer.issuer = "https://" + issuer;
  offer.scopes = oauth2.scopes;
}

std::optional<Offer> offer_of(const ptree& server, const MailAddress& address, const OAuth2& oauth2) {
  Offer offer;
  offer.host = lower(filled_in(text_in(server, "hostname"), address));
  if (!is_host(offer.host)) return std::nullopt;
  const auto port = port_in(server);
  const auto tls = tls_in(server, offer.host);
  offer.user = filled_in(text_in(server, "username"), address);
  if (!port || !tls || !is_user(offer.user)) return std::nullopt;
  offer.port = *port;
  offer.tls = *tls;
  const auto methods = methods_of(server);
  offer.takes_password = methods.password;
  if (methods.oauth2) add_oauth2(offer, oauth2);
  return offer;
}

Result<ptree> parse(std::string_view xml) {
  if (xml.size() > kLongestAutoconfig) return fail(ErrorKind::protocol, "the document is far too long");
  if (std::count(xml.begin(), xml.end(), '<') > kMostTags)
    return fail(ErrorKind::protocol, "the document has far too many elements");
  if (xml.find("<!DOCTYPE") != std::string_view::npos || xml.find("<!ENTITY") != std::string_view::npos)
    return fail(ErrorKind::protocol, "the document brings definitions of its own");
  try {
    std::istringstream in{std::string(xml)};
    ptree tree;
    boost::property_tree::read_xml(in, tree, boost::property_tree::xml_parser::no_comments);
    return tree;
  } catch (const boost::property_tree::xml_parser_error&) {
    return fail(ErrorKind::protocol, "the document is no XML");
  }
}

}  // namespace

Result<std::vector<Offer>> parse_autoconfig(std::string_view xml, const MailAddress& address, const std::string& source) {
  const auto tree = parse(xml);
  MAILMIRROR_TRY(tree);
  const auto config = tree->get_child_optional("clientConfig");
  if (!config) return fail(ErrorKind::protocol, "the document is no mail configuration");
  const OAuth2 oauth2{lower(trimmed(config->get<std::string>("oAuth2.issuer", ""))),
                      trimmed(config->get<std::string>("oAuth2.scope", ""))};
  std::vector<Offer> offers;
  for (const auto& [name, provider] : *config) {
    if (name != "emailProvider") continue;
    for (const auto& [kind, server] : provider) {
      if (kind != "incomingServer" || lower(server.get<std::string>("<xmlattr>.type", "")) != "imap") continue;
      auto offer = offer_of(server, address, oauth2);
      if (!offer || offers.size() == kMostOffers) continue;
      offer->source = source;
      offers.push_back(std::move(*offer));
    }
  }
  std::stable_sort(offers.begin(), offers.end(), [](const auto& a, const auto& b) { return a.tls < b.tls; });
  return offers;
}

}  // namespace mailmirror::daemon::setup
