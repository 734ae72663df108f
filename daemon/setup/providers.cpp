#include "daemon/setup/providers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mailmirror::daemon::setup {
namespace {

enum class User : std::uint8_t { address, local_part };
enum class Password : std::uint8_t { taken, refused };

struct Provider {
  std::string_view name;
  /// Ends with a dot: any top-level domain ("yahoo.").
  std::vector<std::string_view> domains;
  std::vector<std::string_view> exchangers;
  std::string_view host;
  std::string_view note{};
  std::string_view oauth2{};
  Password password = Password::taken;
  User user = User::address;
  std::uint16_t port = 993;
  config::Tls tls = config::Tls::implicit;
};

constexpr std::string_view kAllowImap = "IMAP has to be switched on in the settings of your mailbox on the web first.";
constexpr std::string_view kAppPassword = "It wants an app password, which you make on its web site, not your ordinary one.";

const std::vector<Provider>& providers() {
  static const std::vector<Provider> kProviders{
      {"Gmail",
       {"gmail.com", "googlemail.com"},
       {"google.com", "googlemail.com"},
       "imap.gmail.com",
       "Google refuses your ordinary password: it takes a sign-in in the browser (OAuth2) or an app password "
       "(https://myaccount.google.com/apppasswords, with 2-step verification).",
       "google"},
      {"Microsoft 365",
       {"outlook.", "hotmail.", "live.", "msn.com"},
       {"protection.outlook.com", "mx.microsoft"},
       "outlook.office365.com",
       "Microsoft takes no passwords here any more: you sign in in the browser (OAuth2).",
       "microsoft",
       Password::refused},
      {"Fastmail", {"fastmail.com", "fastmail.fm", "sent.com"}, {"messagingengine.com"}, "imap.fastmail.com", kAppPassword},
      {"iCloud",
       {"icloud.com", "me.com", "mac.com"},
       {"mail.icloud.com"},
       "imap.mail.me.com",
       "Apple wants an app-specific password (https://account.apple.com, Sign-In and Security).",
       "",
       Password::taken,
       User::local_part},
      {"AOL", {"aol.com", "aim.com"}, {}, "imap.aol.com", kAppPassword},
      {"Yahoo", {"yahoo.", "ymail.com", "rocketmail.com", "myyahoo.com"}, {"yahoodns.net"}, "imap.mail.yahoo.com", kAppPassword},
      {"GMX", {"gmx.net", "gmx.de", "gmx.at", "gmx.ch"}, {"gmx.net"}, "imap.gmx.net", kAllowImap},
      {"GMX", {"gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es"}, {}, "imap.gmx.com", kAllowImap},
      {"mail.com", {"mail.com", "email.com", "usa.com"}, {}, "imap.mail.com", kAllowImap},
      {"web.de", {"web.de"}, {"web.de"}, "imap.web.de", kAllowImap},
      {"mailbox.org", {"mailbox.org"}, {"mailbox.org"}, "imap.mailbox.org"},
      {"Posteo", {"posteo."}, {"posteo.de"}, "posteo.de"},
      {"Proton",
       {"proton.me", "protonmail.com", "protonmail.ch", "pm.me"},
       {"protonmail.ch"},
       "127.0.0.1",
       "Proton's mail is read through Proton Bridge, which has to run on this machine; the password is the one that Bridge shows.",
       "",
       Password::taken,
       User::address,
       1143,
       config::Tls::starttls},
      {"IONOS", {"ionos.de", "online.de"}, {"kundenserver.de"}, "imap.ionos.de"},
      {"IONOS", {"ionos.com"}, {"perfora.net", "mx.ionos.com"}, "imap.ionos.com"},
      {"T-Online",
       {"t-online.de", "magenta.de"},
       {},
       "secureimap.t-online.de",
       "It wants the password for mail programs, which you set in its e-mail centre."},
      {"freenet", {"freenet.de"}, {}, "mx.freenet.de"},
      {"Strato", {}, {"rzone.de"}, "imap.strato.de"},
      {"Hetzner", {}, {"your-server.de"}, "mail.your-server.de"},
      {"Infomaniak", {"ik.me"}, {"infomaniak.ch"}, "mail.infomaniak.com"},
      {"Gandi", {}, {"gandi.net"}, "mail.gandi.net"},
      {"OVH", {}, {"mail.ovh.net"}, "ssl0.ovh.net"},
      {"Migadu", {"migadu.com"}, {"migadu.com"}, "imap.migadu.com"},
      {"Runbox", {"runbox.com", "runbox.no"}, {"runbox.com"}, "mail.runbox.com"},
      {"Mailfence", {"mailfence.com"}, {"mailfence.com"}, "imap.mailfence.com"},
      {"Disroot", {"disroot.org"}, {"disroot.org"}, "disroot.org"},
      {"Zoho", {"zoho.com", "zohomail.com"}, {"zoho.com"}, "imap.zoho.com", kAllowImap},
      {"Zoho", {"zoho.eu", "zohomail.eu"}, {"zoho.eu"}, "imap.zoho.eu", kAllowImap},
      {"Yandex", {"yandex.", "ya.ru"}, {"yandex.net", "yandex.ru"}, "imap.yandex.com", kAppPassword},
      {"Mail.ru", {"mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru"}, {"mail.ru"}, "imap.mail.ru", kAppPassword},
      {"QQ",
       {"qq.com", "foxmail.com"},
       {"qq.com"},
       "imap.qq.com",
       "It wants an authorization code from its settings, not your password."},
      {"163", {"163.com"}, {"163.com"}, "imap.163.com", "It wants an authorization code from its settings, not your password."},
      {"126", {"126.com"}, {"126.com"}, "imap.126.com", "It wants an authorization code from its settings, not your password."},
      {"Orange", {"orange.fr", "wanadoo.fr"}, {}, "imap.orange.fr"},
      {"Free", {"free.fr"}, {}, "imap.free.fr"},
      {"La Poste", {"laposte.net"}, {}, "imap.laposte.net"},
      {"Bluewin", {"bluewin.ch"}, {}, "imaps.bluewin.ch"},
      {"Libero", {"libero.it"}, {}, "imapmail.libero.it"},
      {"Comcast", {"comcast.net", "xfinity.com"}, {}, "imap.comcast.net"},
      // No IMAP at all.
      {"Tuta", {"tuta.com", "tutanota.com", "tutanota.de", "tutamail.com", "tuta.io", "keemail.me"}, {"tutanota.de"}, ""}};
  return kProviders;
}

bool is_domain(std::string_view entry, std::string_view domain) {
  if (!entry.ends_with('.')) return domain == entry;
  // "yahoo." is yahoo.com and yahoo.co.uk, and not yahoo.example.org.
  if (!domain.starts_with(entry)) return false;
  const auto rest = domain.substr(entry.size());
  return rest.size() <= 3 ? rest.find('.') == std::string_view::npos
                          : rest.size() <= 6 && rest.find('.') <= 3 && rest.size() - rest.find('.') == 3;
}

bool lies_below(std::string_view host, std::string_view suffix) {
  return host == suffix || (host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.');
}

const Provider* owner_of(std::string_view domain) {
  for (const auto& provider : providers())
    for (const auto entry : provider.domains)
      if (is_domain(entry, domain)) return &provider;
  return nullptr;
}

void add_sign_in(Offer& offer, const Provider& provider) {
  offer.provider = provider.oauth2;
  offer.issuer.clear();
  offer.scopes.clear();
  offer.takes_password = provider.password == Password::taken;
  offer.note = provider.note;
}

Offer offer_of(const Provider& provider, const MailAddress& address, User user, std::string source) {
  Offer offer;
  offer.host = provider.host;
  offer.port = provider.port;
  offer.tls = provider.tls;
  offer.user = user == User::local_part ? address.local : address.text();
  offer.source = std::move(source);
  add_sign_in(offer, provider);
  return offer;
}

}  // namespace

std::optional<Offer> provider_of_domain(const MailAddress& address) {
  const auto* const provider = owner_of(address.domain);
  if (provider == nullptr || provider->host.empty()) return std::nullopt;
  return offer_of(*provider, address, provider->user, fmt::format("mailmirror's own list of providers ({})", provider->name));
}

std::optional<Offer> provider_of_exchanger(const MailAddress& address, std::string_view exchanger) {
  for (const auto& provider : providers())
    for (const auto suffix : provider.exchangers)
      if (!provider.host.empty() && lies_below(exchanger, suffix))
        return offer_of(provider, address, User::address,
                        fmt::format("mailmirror's own list of providers ({}, since the mail of {} goes to {})", provider.name,
                                    address.domain, exchanger));
  return std::nullopt;
}

void add_what_is_known(Offer& offer) {
  const auto found =
      std::find_if(providers().begin(), providers().end(), [&](const Provider& provider) { return provider.host == offer.host; });
  if (found != providers().end() && offer.port == found->port) add_sign_in(offer, *found);
}

std::string why_no_imap(const MailAddress& address) {
  const auto* const provider = owner_of(address.domain);
  if (provider == nullptr || !provider->host.empty()) return "";
  return fmt::format("{} has no IMAP: no program but its own reads mail there", provider->name);
}

}  // namespace mailmirror::daemon::setup
