#include "tests/support/dovecot_server.hpp"

#include "tests/support/certificates.hpp"
#include "tests/support/dovecot_config.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

namespace mailmirror::testing {
namespace {

/// A port that was free may be taken by the time that Dovecot binds it.
constexpr int kStartAttempts = 5;
constexpr Milliseconds kStartLimit{15'000};

struct Account {
  std::optional<UserIds> run_as;
  uid_t user;
  gid_t group;
};

Account account_for_servers() {
  if (::geteuid() != 0) return {std::nullopt, ::geteuid(), ::getegid()};
  const UserIds ids = nobody();
  return {ids, ids.user, ids.group};
}

std::string user_name(uid_t id) {
  const passwd* entry = ::getpwuid(id);
  if (entry == nullptr) throw HarnessError("Dovecot needs a user with a name; this one has none");
  return entry->pw_name;
}

std::string group_name(gid_t id) {
  const group* entry = ::getgrgid(id);
  if (entry == nullptr) throw HarnessError("Dovecot needs a group with a name; this one has none");
  return entry->gr_name;
}

fs::path dovecot_program() {
  for (const char* candidate : {"/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/usr/bin/dovecot"})
    if (fs::exists(candidate)) return candidate;
  throw HarnessError("there is no Dovecot here: run contrib/install-packages --tests");
}

CertificateOptions certificate_options(Certificate certificate) {
  CertificateOptions options;
  if (certificate == Certificate::expired) {
    options.valid_from = -30L * 86'400;
    options.valid_until = -86'400;
  }
  if (certificate == Certificate::wrong_host) options.host = "elsewhere.example";
  if (certificate == Certificate::self_signed) options.signer = CertificateOptions::Signer::itself;
  return options;
}

/// The first bytes that the port's owner says; empty where nobody answers.
std::string first_words(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  const timeval limit{2, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 1024> bytes{};
  ssize_t count = 0;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    count = ::recv(descriptor, bytes.data(), bytes.size(), 0);
  ::close(descriptor);
  return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

}  // namespace

std::string to_string(Profile profile) {
  switch (profile) {
    case Profile::everything: return "everything";
    case Profile::no_qresync: return "no_qresync";
    case Profile::no_condstore: return "no_condstore";
    case Profile::no_notify: return "no_notify";
    case Profile::no_uidplus: return "no_uidplus";
    case Profile::no_list_status: return "no_list_status";
  }
  return "unknown";
}

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(descriptor);
  if (!bound) throw_errno("find a free port");
  return ntohs(address.sin_port);
}

DovecotServer::DovecotServer(const DovecotOptions& options)
    : options_(options), greeting_("private server " + folder_.path().filename().string()) {
  if (options_.certificate != Certificate::off)
    make_certificates(folder_.path() / "tls", certificate_options(options_.certificate));
  for (const char* name : {"run", "state", "mail", "home"}) fs::create_directories(folder_.path() / name);
  for (int attempt = 1; attempt <= kStartAttempts; ++attempt) {
    port_ = free_port();
    tls_port_ = options_.certificate == Certificate::off ? std::uint16_t{0} : free_port();
    if (port_ == tls_port_) continue;
    launch();
    if (came_up()) return;
    process_.reset();
  }
  throw HarnessError("Dovecot doesn't start; its log: " + (fs::exists(log_file()) ? read_file(log_file()) : "empty"));
}

void DovecotServer::launch() {
  const Account account = account_for_servers();
  const fs::path config = folder_.path() / "dovecot.conf";
  write_file(config, dovecot_config(options_, {folder_.path(), user_name(account.user), group_name(account.group), port_, tls_port_,
                                               greeting_}));
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
    if (account.run_as && ::lchown(entry.path().c_str(), account.user, account.group) != 0)
      throw_errno("chown " + entry.path().string());
  if (account.run_as && ::chown(folder_.path().c_str(), account.user, account.group) != 0) throw_errno("chown");
  process_.emplace(Command{.arguments = {dovecot_program(), "-F", "-c", config},
                           .errors = folder_.path() / "stderr",
                           .run_as = account.run_as,
                           .group = Command::Group::leader});
}

bool DovecotServer::came_up() {
  return eventually(kStartLimit,
                    [this] { return !process_->running() || first_words(port_).find(greeting_) != std::string::npos; }) &&
         process_->running();
}

void DovecotServer::stop() {
  process_->signal(SIGTERM);
  if (!process_->wait_for(Milliseconds(10'000))) throw HarnessError("Dovecot doesn't stop");
}

void DovecotServer::start() {
  launch();
  if (!came_up()) throw HarnessError("Dovecot doesn't start again; its log: " + read_file(log_file()));
}

void DovecotServer::kill() {
  process_->kill_now();
}

}  // namespace mailmirror::testing
