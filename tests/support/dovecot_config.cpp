#include "tests/support/dovecot_config.hpp"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace mailmirror::testing {
namespace {

/// What Dovecot 2.3.19 tells of after login, with the zlib plugin. Naming any list replaces its own.
constexpr const char* kCapabilities =
    "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT "
    "MULTIAPPEND "
    "URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES "
    "WITHIN "
    "CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE "
    "COMPRESS=DEFLATE";

std::set<std::string> hidden_by(Profile profile) {
  switch (profile) {
    case Profile::everything: return {};
    case Profile::no_qresync: return {"QRESYNC"};
    case Profile::no_condstore: return {"CONDSTORE", "QRESYNC"};
    case Profile::no_notify: return {"NOTIFY"};
    case Profile::no_uidplus: return {"UIDPLUS", "MOVE", "LITERAL+", "MULTIAPPEND"};
    case Profile::no_list_status: return {"LIST-STATUS"};
  }
  return {};
}

std::string capability_setting(Profile profile) {
  const auto hidden = hidden_by(profile);
  std::string setting = "imap_capability =";
  std::istringstream names(kCapabilities);
  for (std::string name; names >> name;)
    if (!hidden.contains(name)) setting += " " + name;
  return setting + "\n";
}

std::string tls_settings(const DovecotOptions& options, const DovecotPlaces& places) {
  if (options.certificate == Certificate::off) return "ssl = no\n";
  return fmt::format(
      "ssl = yes\nssl_min_protocol = TLSv1.2\nssl_cert = <{0}/tls/server.crt\nssl_key = <{0}/tls/server.key\nssl_ca = "
      "<{0}/tls/ca.crt\n",
      places.folder.string());
}

/// Everything that Dovecot keeps on disk, and the account it runs under.
std::string place_settings(const DovecotOptions& options, const DovecotPlaces& places) {
  return fmt::format(R"(protocols = imap
listen = 127.0.0.1
base_dir = {0}/run
state_dir = {0}/state
log_path = {0}/log
default_internal_user = {1}
default_internal_group = {2}
default_login_user = {1}
first_valid_uid = 1
mail_location = {3}:{0}/mail/%u
mail_home = {0}/home/%u
login_greeting = {4}
passdb {{
  driver = static
  args = password={5}
}}
userdb {{
  driver = static
  args = uid={1} gid={2} home={0}/home/%u allow_all_users=yes
}}
)",
                     places.folder.string(), places.user, places.group, options.format == MailFormat::maildir ? "maildir" : "sdbox",
                     places.greeting, options.kept_password);
}

/// The INBOX namespace and the usual special mailboxes.
std::string mailbox_settings(const DovecotOptions& options) {
  std::string text = fmt::format("namespace inbox {{\n  inbox = yes\n  separator = {}\n", options.separator);
  for (const char* name : {"Drafts", "Sent", "Trash", "Junk", "Archive"})
    text += fmt::format("  mailbox {0} {{\n    special_use = \\{0}\n    auto = subscribe\n  }}\n", name);
  return text + "}\n";
}

/// NOTIFY needs the list index. Tests want no delays, no limits, and no chroot, which only root could enter.
constexpr const char* kBehaviour = R"(mailbox_list_index = yes
mail_fsync = never
mail_max_userip_connections = 0
mailbox_idle_check_interval = 1s
auth_failure_delay = 0
disable_plaintext_auth = no
default_vsz_limit = 0
default_process_limit = 100
mail_plugins = zlib
protocol imap {
  mail_plugins = $mail_plugins imap_zlib
}
)";

std::string service_settings(const DovecotPlaces& places) {
  return fmt::format(R"(service imap-login {{
  chroot =
  service_count = 0
  process_limit = 2
  client_limit = 200
  inet_listener imap {{
    port = {}
  }}
  inet_listener imaps {{
    port = {}
  }}
}}
service imap {{
  service_count = 200
  process_min_avail = 1
}}
service imap-urlauth-login {{
  chroot =
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  client_limit = 5000
}}
)",
                     places.port, places.tls_port);
}

}  // namespace

std::string dovecot_config(const DovecotOptions& options, const DovecotPlaces& places) {
  return place_settings(options, places) + kBehaviour + capability_setting(options.profile) + tls_settings(options, places) +
         mailbox_settings(options) + service_settings(places) + options.more;
}

}  // namespace mailmirror::testing
