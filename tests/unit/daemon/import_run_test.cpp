// The whole import, on a home directory: what is said, what is written, what is left alone.
#include "daemon/config/load.hpp"
#include "daemon/import/account_toml.hpp"
#include "daemon/import/certificates.hpp"
#include "daemon/import/place_config.hpp"
#include "daemon/import/run_import.hpp"
#include "tests/support/certificates.hpp"
#include "tests/unit/daemon/import_support.hpp"

namespace mailmirror::daemon::migration {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kAccount =
    "IMAPStore far\nHost imap.example.org\nUser me\nPass geheim\nSSLType IMAPS\n\nMaildirStore near\nPath ~/Mail/\nInbox "
    "~/Mail/Inbox\n";
const std::string kChannel = "\nChannel c\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\n";

class RunImport : public testing::ImportTest {
 protected:
  RunImport() {
    make_folder("Mail/Inbox", 3);
    make_folder("Mail/Entw&APw-rfe", 1);
    write(".mbsyncrc", kAccount + "SubFolders Verbatim\n" + kChannel);
  }
  [[nodiscard]] fs::path config() const { return home() / ".config/mailmirror/config.toml"; }
  [[nodiscard]] ImportOutcome import(bool dry_run = false) const {
    return run_import({"mbsync", std::nullopt, config(), dry_run}, environment_, look);
  }
  /// No server is asked unless a test brings one.
  LookAtServer look;

  [[nodiscard]] std::vector<std::string> everything() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(home())) all.push_back(entry.path().string());
    return all;
  }
};

TEST_F(RunImport, GoodConfiguration_BecomesOneThatOurLoaderTakes) {
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 0) << outcome.report << outcome.errors;
  EXPECT_THAT(outcome.report, HasSubstr("adopted   2 mailboxes with 4 messages"));
  EXPECT_THAT(outcome.report, HasSubstr("Entw\xc3\xbcrfe (1)"));
  const auto loaded = config::load(config(), environment_);
  ASSERT_TRUE(loaded.good()) << loaded.errors.front().to_string();
  const auto& account = loaded.config.accounts.at(0);
  EXPECT_EQ(account.maildir, home() / "Mail");
  EXPECT_EQ(account.inbox, "Inbox");
  EXPECT_EQ(account.secret.value, "geheim");
  EXPECT_TRUE(account.expunge);
  EXPECT_EQ(fs::status(config()).permissions(), fs::perms(0600));
}

TEST_F(RunImport, DryRun_ChangesNothingAndShowsNoPassword) {
  const auto before = everything();
  const auto outcome = import(true);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(everything(), before);
  EXPECT_THAT(outcome.report, HasSubstr("maildir = \"~/Mail\""));
  EXPECT_THAT(outcome.report, Not(HasSubstr("geheim")));
}

TEST_F(RunImport, Twice_NeverTouchesWhatIsThere) {
  ASSERT_EQ(import().status, 0);
  const auto before = read(".config/mailmirror/config.toml");
  const auto again = import();
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.report, HasSubstr("there is an account 'far' already"));
  EXPECT_EQ(read(".config/mailmirror/config.toml"), before);
}

TEST_F(RunImport, BesideAConfiguration_GoesToAccountsD) {
  write(".config/mailmirror/config.toml",
        "[account.old]\nhost = \"h\"\nuser = \"u\"\npassword_command = \"x\"\nmaildir = \"~/old\"\n");
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 0) << outcome.report << outcome.errors;
  EXPECT_THAT(read(".config/mailmirror/accounts.d/far.toml"), HasSubstr("[account.far]"));
  EXPECT_THAT(config::load(config(), environment_).config.accounts, SizeIs(2));
}

TEST_F(RunImport, WhatTheLoaderRefuses_IsNotWritten) {
  write(".config/mailmirror/config.toml",
        "[account.old]\nhost = \"h\"\nuser = \"u\"\npassword_command = \"x\"\nmaildir = \"~/Mail\"\n");
  const auto before = everything();
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr(config().parent_path().string()));
  EXPECT_THAT(outcome.errors, HasSubstr("have the same Maildir"));
  EXPECT_EQ(everything(), before);
}

TEST_F(RunImport, BrokenConfiguration_IsLeftAlone) {
  write(".config/mailmirror/config.toml", "[account.old\n");
  EXPECT_EQ(import().status, 2);
  EXPECT_EQ(read(".config/mailmirror/config.toml"), "[account.old\n");
}

TEST_F(RunImport, LegacyFolders_AreToldWithTheirCommand) {
  make_folder("Mail/Inbox/.sub");
  write(".mbsyncrc", kAccount + "SubFolders Legacy\n" + kChannel);
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.report,
              HasSubstr("mv " + (home() / "Mail/Inbox/.sub").string() + " " + (home() / "Mail/Inbox/sub").string()));
  EXPECT_FALSE(fs::exists(config()));
}

TEST_F(RunImport, DirectoryThatWeWouldCallOtherwise_IsTold) {
  make_folder("Mail/100%", 1);
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.report, HasSubstr("100%25"));
}

TEST_F(RunImport, MessagesRightInTheRoot_AreTold) {
  make_folder("Mail", 1);
  EXPECT_THAT(import().report, HasSubstr("mkdir " + (home() / "Mail").string() + "/INBOX"));
}

TEST_F(RunImport, PlaceholdersOfLargeMessages_WouldBeUploadedAndAreTold) {
  write("Mail/Inbox/cur/9.host:2,",
        "X-TUID: x\n\nHaving a size of 5M, this message is over the MaxSize limit.\nFlag it and sync again.\n");
  write(".mbsyncrc", kAccount + "SubFolders Verbatim\n" + kChannel + "MaxSize 1m\n");
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.report, HasSubstr("Inbox/cur/9.host:2, only stands for a large message"));
}

TEST_F(RunImport, NoFile_SaysSo) {
  fs::remove(home() / ".mbsyncrc");
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("can't be read: No such file or directory"));
}

TEST_F(RunImport, UnknownMailboxesOfAFilter_AreThoseThatAreHere) {
  write(".offlineimaprc",
        "[general]\naccounts = a\n[Account a]\nlocalrepository = L\nremoterepository = R\n[Repository L]\ntype = "
        "Maildir\nlocalfolders = ~/off\n[Repository R]\ntype = "
        "IMAP\nremotehost = h\nremoteuser = u\nremotepasseval = mystery()\nfolderfilter = lambda f: len(f) < 9\n");
  make_folder("off/INBOX", 2);
  make_folder("off/Lists.a%", 1);
  fs::rename(home() / "off/Lists.a%", home() / "off/Lists.a%25");
  const auto outcome = run_import({"offlineimap", std::nullopt, config(), false}, environment_, look);
  EXPECT_EQ(outcome.status, 0) << outcome.report << outcome.errors;
  const auto loaded = config::load(config(), environment_);
  ASSERT_TRUE(loaded.good());
  EXPECT_THAT(loaded.config.accounts.at(0).mailboxes, ::testing::ElementsAre("INBOX", "Lists/a?"));
  EXPECT_EQ(loaded.config.accounts.at(0).secret.kind, config::SecretSource::Kind::password_file);
}

TEST_F(RunImport, ServerWithANamespace_TellsWhatToMove) {
  write(".mbsyncrc",
        kAccount + "SubFolders Verbatim\n" + "\nChannel c\nFar :far:\nNear :near:\nPatterns * !Spam\nCreate Both\nExpunge Both\n");
  look = [](const config::Account& account) -> Result<ServerNames> {
    EXPECT_EQ(account.host, "imap.example.org");
    EXPECT_EQ(account.secret.value, "geheim");
    return ServerNames{"INBOX/", {"INBOX", "INBOX/Entw\xc3\xbcrfe", "INBOX/Spam"}};
  };
  const auto first = import();
  EXPECT_EQ(first.status, 1);
  const auto from = (home() / "Mail/Entw&APw-rfe").string(), to = (home() / "Mail/Inbox/Entw&APw-rfe").string();
  EXPECT_THAT(first.report, HasSubstr("mv '" + from + "' '" + to + "'"));
  EXPECT_FALSE(fs::exists(config()));
  fs::rename(from, to);
  const auto second = import();
  EXPECT_EQ(second.status, 0) << second.report << second.errors;
  EXPECT_THAT(config::load(config(), environment_).config.accounts.at(0).mailboxes, ::testing::ElementsAre("!INBOX/Spam", "*"));
}

TEST_F(RunImport, ServerWithoutAMailboxThatIsHere_IsANote) {
  look = [](const config::Account&) -> Result<ServerNames> { return ServerNames{"", {"INBOX", "Sent"}}; };
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 0) << outcome.report;
  EXPECT_THAT(outcome.report, HasSubstr("the server doesn't have Entw\xc3\xbcrfe"));
}

TEST_F(RunImport, ServerThatDoesntAnswer_IsANote) {
  look = [](const config::Account&) -> Result<ServerNames> { return fail(ErrorKind::network, "no way there"); };
  const auto outcome = import();
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.report, HasSubstr("couldn't be asked"));
  EXPECT_THAT(outcome.report, HasSubstr("no way there"));
}

TEST_F(RunImport, CertificateFile_IsAnAuthorityOrOneServer) {
  using Kind = CertificateFile::Kind;
  mailmirror::testing::make_certificates(home(), {});
  EXPECT_EQ(look_at_certificates(home() / "ca.crt", false).kind, Kind::authorities);
  const auto local = look_at_certificates(home() / "ca.crt", true);
  EXPECT_EQ(local.kind, Kind::one_server);
  EXPECT_THAT(local.fingerprint, ::testing::MatchesRegex("sha256:[0-9a-f]{64}"));
  EXPECT_EQ(look_at_certificates(home() / "server.crt", false).kind, Kind::one_server);
  EXPECT_EQ(look_at_certificates(home() / ".mbsyncrc", false).kind, Kind::unreadable);
  EXPECT_EQ(look_at_certificates("/etc/ssl/certs/ca-certificates.crt", false).kind, Kind::system);
}

TEST(AccountToml, OddTexts_ComeBackAsTheyWere) {
  EXPECT_EQ(toml_text("a\"b\\c\n\x7f"), "\"a\\\"b\\\\c\\u000A\\u007F\"");
  EXPECT_EQ(account_name("my work/é"), "my-work---");
  EXPECT_EQ(account_name(".x"), "account-.x");
  EXPECT_EQ(account_name(""), "account-");
}

}  // namespace
}  // namespace mailmirror::daemon::migration
