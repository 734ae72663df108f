#include "tests/support/cyrus_server.hpp"

#include "sync/base/ascii.hpp"
#include "tests/support/certificates.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>
#include <map>
#include <vector>

namespace mailmirror::testing {
namespace {

constexpr int kStartAttempts = 5;
constexpr Milliseconds kStartLimit{20'000};

/// Where contrib/install-packages has unpacked it, or "/" where it is installed; empty where it isn't at all.
fs::path find_root() {
  std::vector<fs::path> roots{"/", "/var/cache/mailmirror-tests/cyrus"};
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) roots.push_back(fs::path(cache) / "mailmirror-tests/cyrus");
  if (const char* home = std::getenv("HOME")) roots.push_back(fs::path(home) / ".cache/mailmirror-tests/cyrus");
  for (const auto& root : roots) {
    const bool whole = root == "/" || fs::exists(root / "complete");
    if (whole && fs::exists(root / "usr/lib/cyrus/bin/imapd") && fs::exists(root / "usr/sbin/saslpasswd2")) return root;
  }
  return {};
}

/// …/usr/lib/x86_64-linux-gnu, whatever the machine.
fs::path library_folder(const fs::path& root) {
  for (const auto& entry : fs::directory_iterator(root / "usr/lib"))
    if (entry.path().filename().string().ends_with("-linux-gnu")) return entry.path();
  throw HarnessError((root / "usr/lib").string() + " has no libraries");
}

std::map<std::string, std::string> environment_for(const fs::path& root) {
  if (root == "/") return {};
  const auto libraries = library_folder(root);
  return {{"LD_LIBRARY_PATH", libraries.string()}, {"SASL_PATH", (libraries / "sasl2").string()}};
}

constexpr const char* kImapdConf = R"(configdirectory: {0}/conf
defaultpartition: default
partition-default: {0}/spool
servername: {1}
cyrus_user: {2}
admins: cyrus
unixhierarchysep: yes
altnamespace: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {0}/sasldb2
sasl_mech_list: {3}
tls_server_cert: {0}/tls/server.crt
tls_server_key: {0}/tls/server.key
tls_versions: tls1_2 tls1_3
idlesocket: {0}/run/idle
lmtpsocket: {0}/run/lmtp
notifysocket: {0}/run/notify
proc_path: {0}/run/proc
mboxname_lockpath: {0}/run/lock
autocreate_quota: 0
autocreate_inbox_folders: Drafts|Sent|Trash|Junk|Archive
autocreate_subscribe_folders: Drafts|Sent|Trash|Junk|Archive
xlist-drafts: Drafts
xlist-sent: Sent
xlist-trash: Trash
xlist-junk: Junk
xlist-archive: Archive
delete_mode: immediate
munge8bit: no
failedloginpause: 0
maxlogins_per_host: 0
maxlogins_per_user: 0
search_engine: none
{4})";

constexpr const char* kCyrusConf = R"(START {{
  recover cmd="{1}/ctl_cyrusdb -C {0}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{1}/imapd -C {0}/imapd.conf -U 1000 -T 60" listen="127.0.0.1:{2}" prefork=1 maxchild=100
  imaps cmd="{1}/imapd -C {0}/imapd.conf -s -U 1000 -T 60" listen="127.0.0.1:{3}" prefork=0 maxchild=100
}}
EVENTS {{
}}
DAEMON {{
  idled cmd="{1}/idled -C {0}/imapd.conf -d"
}}
)";

}  // namespace

bool CyrusServer::available() {
  return !find_root().empty();
}

CyrusServer::CyrusServer(CyrusOptions options)
    : options_(std::move(options)), name_(ascii::to_lower(folder_.path().filename().string())) {
  if (!available()) throw HarnessError(kHowToGetIt);
  CertificateOptions certificate;
  certificate.host = options_.host;
  make_certificates(folder_.path() / "tls", certificate);
  for (const char* name : {"conf/db", "conf/socket", "conf/log", "conf/msg", "conf/proc", "conf/lock", "conf/user", "conf/quota",
                           "conf/sync", "conf/log/u1", "run/proc", "run/lock", "spool"})
    fs::create_directories(folder_.path() / name);
  // The build may lie where another user can't go.
  fs::copy_file(MAILMIRROR_SERVER_SHIM, folder_.path() / "shim.so");
  const auto account = account_for_servers();
  hand_over(folder_.path(), account);
  for (int attempt = 1; attempt <= kStartAttempts; ++attempt) {
    port_ = free_port();
    tls_port_ = free_port();
    if (port_ == tls_port_) continue;
    write_configuration(account);
    if (attempt == 1)
      for (const char* user : {"u1", "u2"}) add_user(user, account);
    launch(account);
    if (came_up()) return;
    master_.reset();
  }
  throw HarnessError("Cyrus doesn't start; its log: " + (fs::exists(log_file()) ? read_file(log_file()) : "empty"));
}

void CyrusServer::write_configuration(const ServerAccount& account) const {
  const auto folder = folder_.path().string();
  const auto programs = (find_root() / "usr/lib/cyrus/bin").string();
  write_file(folder_.path() / "imapd.conf",
             fmt::format(fmt::runtime(kImapdConf), folder, name_, account.user, options_.mechanisms, options_.more));
  write_file(folder_.path() / "cyrus.conf", fmt::format(fmt::runtime(kCyrusConf), folder, programs, port_, tls_port_));
}

void CyrusServer::add_user(const std::string& name, const ServerAccount& account) const {
  const auto root = find_root();
  const auto password = folder_.path() / "password";
  write_file(password, kPassword);
  const auto result =
      run({.arguments = {root / "usr/sbin/saslpasswd2", "-p", "-c", "-f", folder_.path() / "sasldb2", "-u", name_, name},
           .environment = environment_for(root),
           .input = password,
           .run_as = account.run_as});
  if (result.code != 0) throw HarnessError("saslpasswd2 failed: " + result.err);
}

void CyrusServer::launch(const ServerAccount& account) {
  const auto root = find_root();
  const auto& folder = folder_.path();
  auto environment = environment_for(root);
  environment["CYRUS_USER"] = account.user;
  environment["LD_PRELOAD"] = folder / "shim.so";
  environment["MAILMIRROR_SYSLOG"] = log_file();
  master_.emplace(Command{.arguments = {root / "usr/lib/cyrus/bin/master", "-C", folder / "imapd.conf", "-M", folder / "cyrus.conf",
                                        "-p", folder / "run/master.pid"},
                          .environment = std::move(environment),
                          .errors = folder / "stderr",
                          .run_as = account.run_as,
                          .group = Command::Group::leader});
}

std::string CyrusServer::spoken() const {
  std::string all;
  for (const auto& entry : fs::directory_iterator(folder_.path() / "conf/log/u1")) all += read_file(entry.path());
  return all;
}

bool CyrusServer::came_up() {
  return eventually(kStartLimit, [this] { return !master_->running() || first_words(port_).find(name_) != std::string::npos; }) &&
         master_->running();
}

}  // namespace mailmirror::testing
