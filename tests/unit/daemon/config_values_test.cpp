// What good configurations mean.
#include "tests/unit/daemon/config_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::daemon::config::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

using ConfigValues = ConfigTest;

TEST_F(ConfigValues, LeastAccount_HasTheDefaults) {
  const auto account = account_with("");
  EXPECT_EQ(account.name, "work");
  EXPECT_EQ(account.host, "imap.example.org");
  EXPECT_EQ(account.user, "me");
  EXPECT_EQ(account.tls, Tls::implicit);
  EXPECT_EQ(account.port, 993);
  EXPECT_EQ(account.auth, Auth::automatic);
  EXPECT_EQ(account.secret, (SecretSource{SecretSource::Kind::password_command, "pass show work"}));
  EXPECT_EQ(account.maildir, "/home/me/Mail/mine");
  EXPECT_EQ(account.layout, Layout::nested);
  EXPECT_EQ(account.mode, Mode::two_way);
  EXPECT_THAT(account.mailboxes, ElementsAre("*"));
  EXPECT_THAT(account.idle, ElementsAre("INBOX"));
  EXPECT_EQ(account.poll_interval, 5min);
  EXPECT_EQ(account.folder_encoding, FolderEncoding::utf8);
  EXPECT_EQ(account.on_local_delete, OnLocalDelete::expunge);
  EXPECT_FALSE(account.delete_mailboxes);
  EXPECT_FALSE(account.expunge);
  EXPECT_EQ(account.guard_messages, 50U);
  EXPECT_EQ(account.guard_percent, 25U);
  EXPECT_EQ(account.attic_retention, std::chrono::days(30));
  EXPECT_EQ(account.max_message_size, 0U);
  EXPECT_EQ(account.connections, 4U);
  EXPECT_TRUE(account.compress);
  EXPECT_FALSE(account.insecure_plaintext);
}

TEST_F(ConfigValues, EveryServerKey_IsRead) {
  const auto account = account_with(
      "tls = \"starttls\"\nport = 1143\nca_file = \"~/ca.pem\"\nauth = \"scram-sha-256\"\nconnections = 2\ncompress = false\n"
      "client_cert = \"~/me.pem\"\nclient_key = \"/me.key\"\ninsecure_plaintext = true\ndisable_extensions = [\"QRESYNC\", "
      "\"NOTIFY\"]\n"
      "fingerprint = \"sha256:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00112233445566778899aabbccddeeff\"\n");
  EXPECT_EQ(account.tls, Tls::starttls);
  EXPECT_EQ(account.port, 1143);
  EXPECT_EQ(account.ca_file, "/home/me/ca.pem");
  EXPECT_EQ(account.client_cert, "/home/me/me.pem");
  EXPECT_EQ(account.client_key, "/me.key");
  EXPECT_EQ(account.auth, Auth::scram_sha_256);
  EXPECT_EQ(account.connections, 2U);
  EXPECT_FALSE(account.compress);
  EXPECT_TRUE(account.insecure_plaintext);
  EXPECT_THAT(account.disable_extensions, ElementsAre("QRESYNC", "NOTIFY"));
  EXPECT_EQ(account.fingerprint, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
}

TEST_F(ConfigValues, EveryMailKey_IsRead) {
  const auto account = account_with(
      "layout = \"maildir++\"\nmode = \"pull\"\nmailboxes = [\"!Spam\", \"*\"]\nidle = [\"INBOX\", \"Lists\"]\npoll_interval = "
      "\"90s\"\n"
      "folder_encoding = \"mutf-7\"\non_local_delete = \"trash\"\ndelete_mailboxes = true\nexpunge = true\nguard_messages = 10\n"
      "guard_percent = 100\nattic_retention = \"48h\"\nmax_message_size = \"25M\"\n");
  EXPECT_EQ(account.layout, Layout::maildir_plus_plus);
  EXPECT_EQ(account.mode, Mode::pull);
  EXPECT_THAT(account.mailboxes, ElementsAre("!Spam", "*"));
  EXPECT_THAT(account.idle, ElementsAre("INBOX", "Lists"));
  EXPECT_EQ(account.poll_interval, 90s);
  EXPECT_EQ(account.folder_encoding, FolderEncoding::mutf7);
  EXPECT_EQ(account.on_local_delete, OnLocalDelete::trash);
  EXPECT_TRUE(account.delete_mailboxes);
  EXPECT_TRUE(account.expunge);
  EXPECT_EQ(account.guard_messages, 10U);
  EXPECT_EQ(account.guard_percent, 100U);
  EXPECT_EQ(account.attic_retention, std::chrono::days(2));
  EXPECT_EQ(account.max_message_size, 25U << 20);
}

TEST_F(ConfigValues, Port_FollowsTls) {
  EXPECT_EQ(account_with("tls = \"implicit\"\n").port, 993);
  EXPECT_EQ(account_with("tls = \"starttls\"\n").port, 143);
}

TEST_F(ConfigValues, AtticRetention_ForeverAndNone) {
  EXPECT_EQ(account_with("attic_retention = \"forever\"\n").attic_retention, std::nullopt);
  EXPECT_EQ(account_with("attic_retention = \"0\"\n").attic_retention, std::chrono::days(0));
}

TEST_F(ConfigValues, Sizes_ArePowersOf1024) {
  EXPECT_EQ(account_with("max_message_size = \"500K\"\n").max_message_size, 512'000U);
  EXPECT_EQ(account_with("max_message_size = \"1G\"\n").max_message_size, 1U << 30);
}

TEST_F(ConfigValues, PlaintextToLoopback_IsAllowed) {
  for (const char* host : {"localhost", "127.0.0.1", "::1"}) {
    const auto loaded = load_text("[account.a]\nhost = \"" + std::string(host) +
                                  "\"\nuser = \"u\"\npassword = \"p\"\ntls = \"none\"\nmaildir = \"/m\"\n");
    EXPECT_EQ(errors_of(loaded), std::vector<std::string>{}) << host;
    EXPECT_EQ(loaded.config.accounts.at(0).port, 143);
  }
}

TEST_F(ConfigValues, Overrides_KeepTheirOrderAndOnlyWhatTheySet) {
  const auto account = account_with(
      "[[account.work.override]]\nmailboxes = [\"Lists/*\"]\nmode = \"pull\"\nexpunge = true\n"
      "[[account.work.override]]\nmailboxes = [\"Big\"]\non_local_delete = \"keep\"\nmax_message_size = \"1M\"\nguard_messages = "
      "5\nguard_percent = 6\n");
  Override lists, big;
  lists.mailboxes = {"Lists/*"};
  lists.mode = Mode::pull;
  lists.expunge = true;
  big.mailboxes = {"Big"};
  big.on_local_delete = OnLocalDelete::keep;
  big.max_message_size = 1U << 20;
  big.guard_messages = 5;
  big.guard_percent = 6;
  EXPECT_THAT(account.overrides, ElementsAre(lists, big));
}

TEST_F(ConfigValues, Daemon_HasXdgDefaults) {
  const auto config = load_text(kAccount).config;
  EXPECT_EQ(config.state_dir, "/home/me/.local/state/mailmirror");
  EXPECT_EQ(config.socket, "/run/user/7/mailmirror/control.sock");
  EXPECT_EQ(config.log_level, "info");
}

TEST_F(ConfigValues, DaemonAndHooks_AreRead) {
  environment_.variables["PLACE"] = "/srv";
  const auto loaded = load_text(
      "[daemon]\nstate_dir = \"$XDG_STATE_HOME/mm\"\nsocket = \"${PLACE}/mm.sock\"\nlog_level = \"debug\"\n"
      "[hooks]\non_new_mail = \"notmuch new\"\non_change = \"b\"\non_error = \"c\"\n" +
      kAccount);
  EXPECT_EQ(errors_of(loaded), std::vector<std::string>{});
  EXPECT_EQ(loaded.config.state_dir, "/home/me/.local/state/mm");
  EXPECT_EQ(loaded.config.socket, "/srv/mm.sock");
  EXPECT_EQ(loaded.config.log_level, "debug");
  EXPECT_EQ(loaded.config.hooks.on_new_mail, "notmuch new");
  EXPECT_EQ(loaded.config.hooks.on_change, "b");
  EXPECT_EQ(loaded.config.hooks.on_error, "c");
}

TEST_F(ConfigValues, FilesOfAccountsD_AddAccountsInTheOrderOfNames) {
  write("accounts.d/z.toml", "[account.anna]\nhost = \"h\"\nuser = \"u\"\npassword_file = \"/p\"\nmaildir = \"/m/anna\"\n");
  write("accounts.d/notes.txt", "no TOML at all");
  const auto loaded = load_text(kAccount);
  EXPECT_EQ(errors_of(loaded), std::vector<std::string>{});
  ASSERT_EQ(loaded.config.accounts.size(), 2U);
  EXPECT_EQ(loaded.config.accounts[0].name, "anna");
  EXPECT_EQ(loaded.config.accounts[0].secret, (SecretSource{SecretSource::Kind::password_file, "/p"}));
  EXPECT_EQ(loaded.config.accounts[1].name, "work");
}

}  // namespace
}  // namespace mailmirror::daemon::config::testing
