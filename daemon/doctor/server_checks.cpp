#include "daemon/doctor/server_checks.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/account/token_login.hpp"
#include "imap/client/open_session.hpp"
#include "sync/base/task_scope.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

namespace mailmirror::daemon::doctor {
namespace {

namespace client = imap::client;
using client::Extension;

struct AddressesFree {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// Blocking.
Finding check_name(const config::Account& account) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(account.host.c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, AddressesFree> owned(list);
  if (failed != 0)
    return {account.name, "name", State::fail, fmt::format("{}: {}", account.host, ::gai_strerror(failed)),
            failed == EAI_NONAME ? "is 'host' spelled right? 'mailmirror init ADDRESS' finds it"
                                 : "is the network up, and does /etc/resolv.conf name a DNS server?"};
  std::string addresses;
  for (const auto* at = list; at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      addresses += (addresses.empty() ? "" : ", ") + std::string(text.data());
  }
  return {account.name, "name", State::ok, fmt::format("{} is {}", account.host, addresses)};
}

std::string login_remedy(const config::Account& account) {
  using Kind = config::SecretSource::Kind;
  switch (account.secret.kind) {
    case Kind::oauth2: return fmt::format("mailmirror login {}", account.name);
    case Kind::password_command:
    case Kind::token_command: return fmt::format("run the command yourself and compare: {}", account.secret.value);
    case Kind::password_file:
      return fmt::format("is the password in {} right? Many providers want an app password", account.secret.value);
    default: return "are 'user' and password right? Many providers want an app password, or OAuth2";
  }
}

std::string tls_in_words(const config::Account& account) {
  if (account.tls == config::Tls::none) return "none, and the line is this machine's own";
  return fmt::format("{}, the certificate is good", account.tls == config::Tls::implicit ? "from the start" : "by STARTTLS");
}

struct Cost {
  Extension extension;
  std::string_view without;
};

constexpr std::array kCosts{Cost{Extension::notify, "NOTIFY (only some mailboxes are watched, the others are polled)"},
                            Cost{Extension::qresync, "QRESYNC (each pass compares the lists of all messages)"},
                            Cost{Extension::condstore, "CONDSTORE (each pass reads the flags of all messages)"},
                            Cost{Extension::move, "MOVE (a move is a copy and a deletion)"},
                            Cost{Extension::compress_deflate, "COMPRESS (more bytes on the line)"},
                            Cost{Extension::list_status, "LIST-STATUS (a question for each mailbox)"},
                            Cost{Extension::special_use, "SPECIAL-USE (\\Trash and the like have to be named)"}};

}  // namespace

Finding judge_failure(const config::Account& account, const Error& error) {
  const auto tell = [&](std::string check, std::string remedy) {
    return Finding{account.name, std::move(check), State::fail, error.message, std::move(remedy)};
  };
  switch (error.kind) {
    case ErrorKind::certificate:
      return tell("TLS",
                  "what is wrong with it stands there; if it is the server's fault, tell its owner. Never switch the check off");
    case ErrorKind::tls: return tell("TLS", "do 'port' and 'tls' fit together? implicit is 993, starttls is 143");
    case ErrorKind::authentication: return tell("login", login_remedy(account));
    case ErrorKind::throttled: return tell("login", "the server wants to be left alone for a while: wait");
    case ErrorKind::configuration: return tell("configuration", "mend that setting");
    case ErrorKind::protocol:
    case ErrorKind::unsupported: return tell("server", "is it an IMAP server, and are 'port' and 'tls' right?");
    default:
      return tell("connection",
                  fmt::format("are 'host' and 'port' right, does a firewall stand between? Try: openssl s_client -connect {}:{}",
                              account.host, account.port));
  }
}

Finding judge_capabilities(const std::string& account, const client::Capabilities& capabilities) {
  std::string missing;
  for (const auto& cost : kCosts)
    if (!capabilities.has(cost.extension)) missing += (missing.empty() ? "" : ", ") + std::string(cost.without);
  if (!capabilities.has(Extension::uidplus))
    return {account, "capabilities", State::warn,
            "no UIDPLUS: uploads have to be searched for afterwards, and a deletion expunges what others marked, too",
            "nothing that can be done here: ask the server's owner for a newer one"};
  if (!capabilities.has(Extension::notify) && !capabilities.has(Extension::idle))
    return {account, "capabilities", State::warn, "neither NOTIFY nor IDLE: new mail is seen by polling alone",
            "a shorter 'poll_interval' shows it sooner"};
  if (missing.empty()) return {account, "capabilities", State::ok, "all that mailmirror makes use of"};
  return {account, "capabilities", State::ok, "works without: " + missing};
}

Task<Findings> check_server(config::Account account, std::filesystem::path state_dir, client::Environment environment) {
  Findings findings;
  auto look_up = [&] { return check_name(account); };
  auto name = co_await environment.pool.run(look_up);
  findings.push_back(name);
  if (name.state == State::fail) co_return findings;
  if (account.secret.kind == config::SecretSource::Kind::credential && ::getenv("CREDENTIALS_DIRECTORY") == nullptr) {
    findings.push_back({account.name, "login", State::warn, "the password is a credential of the service, and can't be had here",
                        "'mailmirror status' tells whether the daemon logs in"});
    co_return findings;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto settings = supervisor_settings(account, state_dir, environment.pool);
  use_tokens(settings, account, state_dir, environment, executor);
  auto options = co_await settings.recipe();
  if (!options) {
    findings.push_back({account.name, "password", State::fail, options.error().message, login_remedy(account)});
    co_return findings;
  }
  auto session = co_await client::open_session(environment, std::move(*options));
  const bool past_tls =
      session || session.error().kind == ErrorKind::authentication || session.error().kind == ErrorKind::throttled;
  if (past_tls) findings.push_back({account.name, "TLS", State::ok, tls_in_words(account)});
  if (!session) {
    findings.push_back(judge_failure(account, session.error()));
    co_return findings;
  }
  findings.push_back({account.name, "login", State::ok, fmt::format("{} at {}:{}", account.user, account.host, account.port)});
  findings.push_back(judge_capabilities(account.name, (*session)->capabilities()));
  auto goodbye = [&](TaskGroup& group) -> Task<void> {
    group.spawn((*session)->run());
    co_await (*session)->logout();
  };
  co_await run_in_group(goodbye);
  co_return findings;
}

}  // namespace mailmirror::daemon::doctor
