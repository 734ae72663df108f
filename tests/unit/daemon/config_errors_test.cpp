// What bad configurations are told: the place, the mistake, and what to do.
#include "tests/unit/daemon/config_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::daemon::config::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using ConfigErrorsTest = ConfigTest;

TEST_F(ConfigErrorsTest, MissingFile_SaysWhatToDo) {
  EXPECT_THAT(errors_of(load(file(), environment_)),
              ElementsAre(" can't be read: No such file or directory. Write one (see README.md), or name another with --config"));
}

TEST_F(ConfigErrorsTest, Directory_IsNoFile) {
  std::filesystem::create_directories(file());
  EXPECT_THAT(errors_of(load(file(), environment_)), ElementsAre(" is a directory, not a file"));
}

TEST_F(ConfigErrorsTest, SyntaxError_HasItsPlaceAlone) {
  const auto errors = errors_in("[account.work]\nhost = \n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0], StartsWith("2:8: "));
}

TEST_F(ConfigErrorsTest, NoAccount_SaysHowToAddOne) {
  EXPECT_THAT(errors_in("[daemon]\n"),
              ElementsAre(" no account is configured: add a section [account.NAME] with host, user, password_command and maildir"));
}

TEST_F(ConfigErrorsTest, UnknownKeys_NameTheNearestKnownOne) {
  EXPECT_THAT(errors_in(kAccount + "mailboxs = [\"*\"]\npoll_intervall = \"5m\"\nzzzzzzzz = 1\n"),
              ElementsAre("6:1: unknown key 'mailboxs' in [account.work]: did you mean 'mailboxes'?",
                          "7:1: unknown key 'poll_intervall' in [account.work]: did you mean 'poll_interval'?",
                          "8:1: unknown key 'zzzzzzzz' in [account.work]"));
}

TEST_F(ConfigErrorsTest, UnknownKeys_InEverySection) {
  EXPECT_THAT(errors_in("accounts = 1\n[daemon]\nsockt = \"/s\"\n[hooks]\non_newmail = \"x\"\n" + kAccount +
                        "[[account.work.override]]\nmailboxes = [\"a\"]\nlayout = \"nested\"\n"),
              ElementsAre("1:1: unknown key 'accounts': did you mean 'account'?",
                          "3:1: unknown key 'sockt' in [daemon]: did you mean 'socket'?",
                          "5:1: unknown key 'on_newmail' in [hooks]: did you mean 'on_new_mail'?",
                          "13:1: unknown key 'layout' in [account.work.override]"));
}

TEST_F(ConfigErrorsTest, WrongValues_NameTheAllowedOnes) {
  EXPECT_THAT(errors_in(kAccount + "tls = \"startls\"\nmode = \"backup\"\n"),
              ElementsAre("6:7: 'tls' can't be \"startls\": did you mean \"starttls\"? it is one of implicit, starttls, none",
                          "7:8: 'mode' can't be \"backup\": it is one of two-way, pull, archive"));
}

TEST_F(ConfigErrorsTest, InboxDirectory_IsAnotherSpellingAlone) {
  EXPECT_THAT(errors_in(kAccount + "inbox = \"Eingang\"\n"),
              ElementsAre("6:1: 'inbox' is how the INBOX's directory spells its name, such as \"Inbox\", not \"Eingang\""));
  EXPECT_THAT(errors_in(kAccount + "layout = \"maildir++\"\ninbox = \"Inbox\"\n"),
              ElementsAre("7:1: 'inbox' contradicts layout = \"maildir++\": there INBOX is the maildir itself"));
  EXPECT_EQ(account_with("layout = \"flat\"\ninbox = \"inbox\"\n").inbox, "inbox");
  EXPECT_EQ(account_with("layout = \"flat\"\n").layout, Layout::flat);
}

TEST_F(ConfigErrorsTest, WrongTypes_SayWhatIsWanted) {
  EXPECT_THAT(
      errors_in(kAccount + "port = \"993\"\nexpunge = \"yes\"\nmailboxes = \"*\"\nidle = [1]\nguard_percent = 101\ncompress = 1\n"),
      ElementsAre("6:8: 'port' must be a whole number from 1 to 65535", "7:11: 'expunge' must be true or false",
                  "8:13: 'mailboxes' must be a list of texts: [\"…\", \"…\"]",
                  "9:8: 'idle' must be a list of texts: [\"…\", \"…\"]",
                  "10:17: 'guard_percent' must be a whole number from 0 to 100", "11:12: 'compress' must be true or false"));
}

TEST_F(ConfigErrorsTest, TimesAndSizes_AreBounded) {
  EXPECT_THAT(
      errors_in(kAccount +
                "poll_interval = \"5 minutes\"\nmax_message_size = \"99999999999999G\"\nattic_retention = \"99999999999d\"\n"),
      ElementsAre("6:17: 'poll_interval' must be a time such as \"30s\", \"5m\", \"2h\" or \"30d\"",
                  "7:20: 'max_message_size' must be a size such as \"0\", \"500K\", \"25M\" or \"1G\"",
                  "8:19: 'attic_retention' must be a time such as \"30s\", \"5m\", \"2h\" or \"30d\""));
  EXPECT_THAT(errors_in(kAccount + "poll_interval = \"0\"\n"), ElementsAre("6:1: 'poll_interval' must be at least \"1s\""));
}

TEST_F(ConfigErrorsTest, MissingKeys_AreAllTold) {
  EXPECT_THAT(
      errors_in("[account.work]\n"),
      ElementsAre("1:1: [account.work] lacks 'host': the server's name, such as \"imap.example.org\"",
                  "1:1: [account.work] lacks 'user': the name to log in with",
                  "1:1: [account.work] has no password: add password_command (such as \"pass show mail/work\"), password_file, credential, "
                  "password, token_command or a section [account.work.oauth2]. ('mailmirrord --once' on a terminal asks for it)",
                  "1:1: [account.work] lacks 'maildir': the directory that is to hold the mail, such as \"~/Mail/work\""));
}

TEST_F(ConfigErrorsTest, EmptyTexts_AreMissing) {
  EXPECT_THAT(errors_in("[account.a]\nhost = \"\"\nuser = \"\"\npassword = \"\"\nmaildir = \"/m\"\n"),
              ElementsAre("2:1: 'host' is empty: it is the server's name, such as \"imap.example.org\"",
                          "3:1: 'user' is empty: it is the name to log in with", "4:1: 'password' is empty"));
}

TEST_F(ConfigErrorsTest, UrlAsHost_IsRefused) {
  for (const char* host : {"imaps://imap.example.org", "imap.example.org:993", "me@imap.example.org"})
    EXPECT_THAT(errors_in("[account.a]\nhost = \"" + std::string(host) + "\"\nuser = \"u\"\npassword = \"p\"\nmaildir = \"/m\"\n"),
                ElementsAre(HasSubstr("2:1: 'host' is a name or an address alone")));
}

TEST_F(ConfigErrorsTest, TwoSecrets_Contradict) {
  EXPECT_THAT(errors_in(kAccount + "password = \"p\"\ntoken_command = \"t\"\n"),
              ElementsAre("6:1: 'password' contradicts 'password_command': give one of them",
                          "7:1: 'token_command' contradicts 'password_command': give one of them"));
}

TEST_F(ConfigErrorsTest, TokenAndPassword_GoToTheirMechanisms) {
  EXPECT_THAT(errors_in(kAccount + "auth = \"xoauth2\"\n"),
              ElementsAre("6:1: this 'auth' takes a token: use token_command or [oauth2] in place of password_command"));
  EXPECT_THAT(errors_in("[account.a]\nhost = \"h\"\nuser = \"u\"\ntoken_command = \"t\"\nauth = \"plain\"\nmaildir = \"/m\"\n"),
              ElementsAre(StartsWith("5:1: this 'auth' takes a password, and token_command gives a token")));
}

TEST_F(ConfigErrorsTest, PlaintextOverTheNetwork_IsRefused) {
  for (const char* host : {"imap.example.org", "127.0.0.1.example.org", "192.168.0.1"}) {
    const auto text =
        "[account.a]\nhost = \"" + std::string(host) + "\"\nuser = \"u\"\npassword = \"p\"\nmaildir = \"/m\"\ntls = \"none\"\n";
    EXPECT_THAT(errors_in(text),
                ElementsAre(StartsWith("6:1: tls = \"none\" would send the password over the network in the clear")))
        << host;
    EXPECT_EQ(errors_in(text + "insecure_plaintext = true\n"), std::vector<std::string>{});
  }
}

TEST_F(ConfigErrorsTest, PinnedCertificateWithoutTls_Contradicts) {
  const auto errors = errors_in(
      "[account.a]\nhost = \"localhost\"\nuser = \"u\"\npassword = \"p\"\nmaildir = \"/m\"\ntls = \"none\"\nca_file = \"/c\"\n");
  EXPECT_THAT(errors, ElementsAre("7:1: 'ca_file' contradicts tls = \"none\": there is no certificate to check"));
}

TEST_F(ConfigErrorsTest, ClientCertificate_NeedsTlsAndItsPlace) {
  EXPECT_THAT(errors_in(kAccount + "client_key = \"/k\"\n"), ElementsAre(StartsWith("6:1: 'client_key' is of no use without")));
  EXPECT_THAT(errors_in("[account.a]\nhost = \"h\"\nuser = \"u\"\nmaildir = \"/m\"\nauth = \"external\"\n"),
              ElementsAre(StartsWith("5:1: auth = \"external\" logs in by a client certificate")));
  EXPECT_THAT(errors_in("[account.a]\nhost = \"localhost\"\nuser = \"u\"\npassword = \"p\"\nmaildir = \"/m\"\ntls = \"none\"\n"
                        "client_cert = \"/c\"\n"),
              ElementsAre(StartsWith("7:1: 'client_cert' contradicts tls = \"none\"")));
}

TEST_F(ConfigErrorsTest, ClientCertificate_IsSecretEnough) {
  const std::string account = "[account.a]\nhost = \"h\"\nuser = \"u\"\nmaildir = \"/m\"\nclient_cert = \"/c\"\n";
  EXPECT_EQ(errors_in(account), std::vector<std::string>{});
  EXPECT_EQ(errors_in(account + "auth = \"external\"\n"), std::vector<std::string>{});
  EXPECT_THAT(errors_in(account + "auth = \"plain\"\n"), ElementsAre(::testing::HasSubstr("has no password")));
}

TEST_F(ConfigErrorsTest, Fingerprint_MustBeSha256) {
  for (const char* bad : {"00112233", "sha1:00", "sha256:zz"})
    EXPECT_THAT(errors_in(kAccount + "fingerprint = \"" + bad + "\"\n"),
                ElementsAre("6:1: 'fingerprint' must be \"sha256:\" and 64 hexadecimal digits"));
}

TEST_F(ConfigErrorsTest, PasswordThatOthersMayRead_NamesTheChmod) {
  write("config.toml", "[account.a]\nhost = \"h\"\nuser = \"u\"\npassword = \"p\"\nmaildir = \"/m\"\n");
  ::chmod(file().c_str(), 0640);
  EXPECT_THAT(errors_of(load(file(), environment_)),
              ElementsAre("4:1: this file holds a password, but others may read it: run 'chmod 600 " + file().string() + "'"));
}

TEST_F(ConfigErrorsTest, Paths_AreAbsoluteAndTheirVariablesSet) {
  EXPECT_THAT(errors_in("[daemon]\nstate_dir = \"$NOWHERE/x\"\nsocket = \"control.sock\"\n" + kAccount),
              ElementsAre("2:13: 'state_dir': a variable in \"$NOWHERE/x\" isn't set",
                          "3:10: 'socket' must be an absolute path, or begin with ~ or a variable"));
}

TEST_F(ConfigErrorsTest, SharedOrNestedMaildirs_AreRefused) {
  const auto second = [](const char* maildir) {
    return "[account.b]\nhost = \"h\"\nuser = \"u\"\npassword_command = \"x\"\nmaildir = \"" + std::string(maildir) + "\"\n";
  };
  EXPECT_THAT(
      errors_in(kAccount + second("/home/me/Mail/mine/")),
      ElementsAre("10:11: the accounts 'work' and 'b' have the same Maildir or one within the other: /home/me/Mail/mine and "
                  "/home/me/Mail/mine"));
  EXPECT_THAT(errors_in(kAccount + second("/home/me/Mail")), ElementsAre(HasSubstr("one within the other")));
  EXPECT_EQ(errors_in(kAccount + second("/home/me/Mail/mine2")), std::vector<std::string>{});
}

TEST_F(ConfigErrorsTest, StateWithinTheMaildir_IsRefused) {
  EXPECT_THAT(
      errors_in("[daemon]\nstate_dir = \"/home/me/Mail/mine/.state\"\n" + kAccount),
      ElementsAre("7:11: the maildir /home/me/Mail/mine and state_dir /home/me/Mail/mine/.state can't lie one within the other"));
}

TEST_F(ConfigErrorsTest, AccountNames_AreSafeAsFolders) {
  for (const char* name : {"\"..\"", "\"a/b\"", "\".a\"", "\"\"", "\"ä\""})
    EXPECT_THAT(errors_in("[account." + std::string(name) + "]\n"), ElementsAre(HasSubstr("can't be an account's name"))) << name;
  EXPECT_THAT(errors_in("[account]\nwork = 1\n"), ElementsAre("2:1: 'account.work' must be a section"));
}

TEST_F(ConfigErrorsTest, OneAccountInTwoFiles_NamesBoth) {
  write("accounts.d/again.toml", kAccount);
  EXPECT_THAT(errors_in(kAccount),
              ElementsAre("accounts.d/again.toml:1:10: the account 'work' stands in " + file().string() + ":5 already"));
}

TEST_F(ConfigErrorsTest, DaemonInAccountsD_IsRefused) {
  write("accounts.d/more.toml", "[daemon]\nlog_level = \"debug\"\n");
  EXPECT_THAT(errors_in(kAccount), ElementsAre("accounts.d/more.toml:1:2: [daemon] belongs into " + file().string() +
                                               ": the files of accounts.d hold accounts"));
}

TEST_F(ConfigErrorsTest, EmptyPatterns_AreRefused) {
  EXPECT_THAT(errors_in(kAccount + "mailboxes = []\n"),
              ElementsAre("6:1: 'mailboxes' is empty, so that it would mean none: leave it out to mean all"));
  EXPECT_THAT(errors_in(kAccount + "mailboxes = [\"!\"]\n"), ElementsAre("6:1: 'mailboxes' holds an empty pattern"));
}

TEST_F(ConfigErrorsTest, Override_NeedsMailboxesAndMustBeAList) {
  EXPECT_THAT(errors_in(kAccount + "[[account.work.override]]\nmode = \"pull\"\n"),
              ElementsAre("6:1: this override lacks 'mailboxes': which ones it is for"));
  EXPECT_THAT(errors_in(kAccount + "[account.work.override]\nmode = \"pull\"\n"),
              ElementsAre("6:1: 'override' must be sections [[account.work.override]]"));
}

TEST_F(ConfigErrorsTest, MistakesOfSeveralFiles_AreToldFileByFileFromTopToBottom) {
  write("accounts.d/b.toml", "[account.b]\nhost = \"h\"\nuser = 1\npassword_command = \"x\"\nmaildir = \"/b\"\nbogus = 1\n");
  EXPECT_THAT(errors_in(kAccount + "tls = 3\nauth = 4\n"),
              ElementsAre(StartsWith("6:7:"), StartsWith("7:8:"), StartsWith("accounts.d/b.toml:3:8:"),
                          StartsWith("accounts.d/b.toml:6:1:")));
}

TEST_F(ConfigErrorsTest, BinaryRubbish_IsAnErrorNotACrash) {
  for (const auto& rubbish : {std::string("\0\1\2", 3), std::string("\xff\xfe"), std::string(1000, '['), std::string("[a\n= =")})
    EXPECT_FALSE(load_text(rubbish).good());
}

}  // namespace
}  // namespace mailmirror::daemon::config::testing
