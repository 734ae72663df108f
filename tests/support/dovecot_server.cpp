#include "tests/support/dovecot_server.hpp"

#include "tests/support/certificates.hpp"
#include "tests/support/dovecot_config.hpp"

#include <signal.h>

namespace mailmirror::testing {
namespace {

/// A port that was free may be taken by the time that Dovecot binds it.
constexpr int kStartAttempts = 5;
constexpr Milliseconds kStartLimit{15'000};

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
  const auto account = account_for_servers();
  const fs::path config = folder_.path() / "dovecot.conf";
  write_file(config, dovecot_config(options_, {folder_.path(), account.user, account.group, port_, tls_port_, greeting_}));
  hand_over(folder_.path(), account);
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
