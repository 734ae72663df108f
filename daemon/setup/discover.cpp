#include "daemon/setup/discover.hpp"

#include "daemon/setup/autoconfig.hpp"
#include "daemon/setup/providers.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace mailmirror::daemon::setup {
namespace {

/// For a query part: everything that isn't unreserved (RFC 3986) is escaped.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

/// The remedies in errors are for servers of the user's own choice, not for each place that might have known something.
std::string briefly(const Error& error) {
  switch (error.kind) {
    case ErrorKind::network:
    case ErrorKind::timeout: return "no answer";
    case ErrorKind::certificate: return "its certificate isn't trusted";
    case ErrorKind::tls: return "its TLS doesn't work";
    default: return error.message;
  }
}

class Search {
 public:
  Search(MailAddress address, Sources& sources) : address_(std::move(address)), sources_(sources) {}

  Task<Discovery> run() {
    if (auto known = provider_of_domain(address_)) {
      found_.offers.push_back(std::move(*known));
      co_return std::move(found_);
    }
    co_await ask_dns();
    auto mail_address = address_.text();
    if (found_.offers.empty()) co_await ask_web(address_.domain, std::move(mail_address));
    if (found_.offers.empty()) co_await ask_exchanger();
    for (auto& offer : found_.offers) add_what_is_known(offer);
    co_return std::move(found_);
  }

 private:
  void note(std::string whom, std::string answer) { found_.asked.push_back({std::move(whom), std::move(answer)}); }

  Task<void> ask_dns() {
    const std::string secure = "_imaps._tcp." + address_.domain, plain = "_imap._tcp." + address_.domain;
    std::optional<Result<std::vector<SrvRecord>>> first, second;
    auto ask = [this](std::string name, std::optional<Result<std::vector<SrvRecord>>>& into) -> Task<void> {
      auto answer = co_await sources_.srv(std::move(name));
      into.emplace(std::move(answer));
    };
    auto both = [&](TaskGroup& group) -> Task<void> {
      group.spawn(ask(secure, first));
      group.spawn(ask(plain, second));
      co_return;
    };
    co_await run_in_group(both);
    take_srv(secure, *first, config::Tls::implicit);
    take_srv(plain, *second, config::Tls::starttls);
  }

  void take_srv(const std::string& name, const Result<std::vector<SrvRecord>>& answer, config::Tls tls) {
    const auto whom = "the DNS record " + name;
    if (!answer) return note(whom, briefly(answer.error()));
    if (answer->empty()) return note(whom, "there is none");
    std::size_t count = 0;
    for (const auto& record : *answer) {
      if (record.target.empty()) continue;
      ++count;
      Offer offer;
      offer.host = record.target;
      offer.port = record.port;
      offer.tls = tls;
      offer.user = address_.text();
      offer.source = whom;
      found_.offers.push_back(std::move(offer));
    }
    note(whom, count == 0 ? "says that this isn't offered" : fmt::format("names {}", answer->front().target));
  }

  /// `mail_address` goes to the domain's own host alone.
  Task<void> ask_web(std::string domain, std::string mail_address) {
    const auto query = mail_address.empty() ? std::string() : "?emailaddress=" + escaped(mail_address);
    const std::array<std::string, 3> urls{fmt::format("https://autoconfig.{}/mail/config-v1.1.xml{}", domain, query),
                                          fmt::format("https://{}/.well-known/autoconfig/mail/config-v1.1.xml", domain),
                                          fmt::format("https://v1.ispdb.net/{}", domain)};
    std::array<std::optional<Result<std::string>>, 3> pages;
    auto ask = [this](std::string url, std::optional<Result<std::string>>& into) -> Task<void> {
      auto page = co_await sources_.page(std::move(url));
      into.emplace(std::move(page));
    };
    auto all = [&](TaskGroup& group) -> Task<void> {
      for (std::size_t n = 0; n < urls.size(); ++n) group.spawn(ask(urls[n], pages[n]));
      co_return;
    };
    co_await run_in_group(all);
    for (std::size_t n = 0; n < urls.size() && found_.offers.empty(); ++n)
      take_page(urls[n].substr(0, urls[n].find('?')), *pages[n]);
  }

  void take_page(const std::string& url, const Result<std::string>& page) {
    if (!page) return note(url, briefly(page.error()));
    auto offers = parse_autoconfig(*page, address_, url);
    if (!offers) return note(url, offers.error().message);
    if (offers->empty()) return note(url, "names no IMAP server that encrypts");
    note(url, fmt::format("names {}", offers->front().host));
    found_.offers = std::move(*offers);
  }

  Task<void> ask_exchanger() {
    const auto whom = "the DNS record MX of " + address_.domain;
    const auto records = co_await sources_.mx(address_.domain);
    if (!records || records->empty()) {
      note(whom, records ? "there is none" : briefly(records.error()));
      co_return;
    }
    const auto exchanger = records->front().host;
    note(whom, fmt::format("names {}", exchanger));
    if (auto known = provider_of_exchanger(address_, exchanger)) {
      found_.offers.push_back(std::move(*known));
      co_return;
    }
    const auto domain = base_domain(exchanger);
    std::string nobody;
    if (domain != address_.domain) co_await ask_web(domain, std::move(nobody));
  }

  MailAddress address_;
  Sources& sources_;
  Discovery found_;
};

}  // namespace

Task<Discovery> discover(MailAddress address, Sources& sources) {
  Search search(std::move(address), sources);
  auto found = co_await search.run();
  co_return found;
}

}  // namespace mailmirror::daemon::setup
