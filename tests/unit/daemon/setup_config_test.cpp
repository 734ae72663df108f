// What is written, read back by the daemon's own loader.
#include "daemon/setup/console.hpp"
#include "daemon/setup/place_config.hpp"
#include "tests/unit/daemon/config_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace mailmirror::daemon::setup {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Answers answers() {
  Answers made;
  made.address = {"me", "example.org"};
  made.source = "the test";
  made.host = "imap.example.org";
  made.user = "me@example.org";
  made.account = "work";
  made.maildir = "~/Mail/work";
  made.keeping = Keeping::command;
  made.secret_place = "pass show mail/work";
  return made;
}

class SetupConfig : public config::testing::ConfigTest {
 protected:
  Result<config::Account> checked(const Answers& of) const {
    const auto place = place_for(file(), of.account);
    return check_text(place, config_text(of, place.part), of.account, environment_);
  }

  static mode_t mode_of(const fs::path& path) {
    struct stat s {};
    return ::stat(path.c_str(), &s) == 0 ? s.st_mode & 0777 : 0;
  }
};

TEST_F(SetupConfig, Text_IsWhatTheLoaderReads) {
  auto of = answers();
  of.port = 1993;
  of.tls = config::Tls::starttls;
  of.layout = "maildir++";
  of.mode = "pull";
  of.auth = "scram-sha-256";
  const auto account = checked(of);
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->host, "imap.example.org");
  EXPECT_EQ(account->port, 1993);
  EXPECT_EQ(account->tls, config::Tls::starttls);
  EXPECT_EQ(account->user, "me@example.org");
  EXPECT_EQ(account->maildir, "/home/me/Mail/work");
  EXPECT_EQ(account->layout, config::Layout::maildir_plus_plus);
  EXPECT_EQ(account->mode, config::Mode::pull);
  EXPECT_EQ(account->auth, config::Auth::scram_sha_256);
  EXPECT_EQ(account->secret, (config::SecretSource{config::SecretSource::Kind::password_command, "pass show mail/work"}));
}

TEST_F(SetupConfig, OddTexts_ComeBackAsTheyWere) {
  auto of = answers();
  of.account = "a.b-c_d";
  of.user = "a\"b\\c\t\x7f#'é";
  of.secret_place = "sh -c 'echo \"x\\n\"' # not a comment";
  of.source = "somebody\n[account.evil]\nhost = \"x\"";
  const auto account = checked(of);
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->user, of.user);
  EXPECT_EQ(account->secret.value, of.secret_place);
}

TEST_F(SetupConfig, Google_GetsItsBudgetAndItsSignIn) {
  auto of = answers();
  of.provider = "google";
  of.sign_in = SignIn::oauth2;
  of.client_id = "id";
  of.client_secret = "s";
  const auto account = checked(of);
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->daily_download, 2500ULL << 20);
  EXPECT_EQ(account->secret.kind, config::SecretSource::Kind::oauth2);
  EXPECT_EQ(account->oauth2.provider, config::OAuth2::Provider::google);
  EXPECT_EQ(account->oauth2.client_secret, "s");
}

TEST_F(SetupConfig, OtherIssuer_IsWrittenWithItsScopes) {
  auto of = answers();
  of.issuer = "https://id.example.org";
  of.scopes = "mail offline_access";
  of.sign_in = SignIn::oauth2;
  of.client_id = "id";
  const auto account = checked(of);
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->oauth2.issuer, "https://id.example.org");
  EXPECT_EQ(account->oauth2.scopes, (std::vector<std::string>{"mail", "offline_access"}));
}

TEST_F(SetupConfig, PutInPlace_IsPrivateAndOverwritesNothing) {
  const auto place = place_for(directory_ / "new/config.toml", "work");
  const auto secret = directory_ / "new/work.password";
  ASSERT_TRUE(put_in_place(place, "text", secret, "pw"));
  EXPECT_EQ(mode_of(place.target), 0600U);
  EXPECT_EQ(mode_of(secret), 0600U);
  EXPECT_EQ(mode_of(directory_ / "new"), 0700U);
  const auto again = put_in_place(place, "other", directory_ / "new/other.password", "pw");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::exists);
  EXPECT_FALSE(fs::exists(directory_ / "new/other.password")) << "the secret of a configuration that isn't there";
  std::ifstream in(place.target);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "text");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "new"), {}), 2) << "no drafts are left";
}

TEST_F(SetupConfig, SecretFileThatIsALink_IsntFollowed) {
  fs::create_symlink(directory_ / "elsewhere", directory_ / "work.password");
  EXPECT_FALSE(put_in_place(place_for(file(), "work"), "text", directory_ / "work.password", "pw"));
  EXPECT_FALSE(fs::exists(directory_ / "elsewhere"));
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(SetupConfig, SecondAccount_IsCheckedWithTheFirst) {
  write("config.toml", config_text(answers(), Part::whole_file));
  auto second = answers();
  second.account = "play";
  const auto clash = checked(second);
  ASSERT_FALSE(clash) << "both in one Maildir";
  EXPECT_THAT(clash.error().message, HasSubstr((directory_ / "accounts.d/play.toml").string()));
  second.maildir = "~/Mail/play";
  EXPECT_TRUE(checked(second));
  EXPECT_EQ(place_for(file(), "play").target, directory_ / "accounts.d/play.toml");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1) << "checking leaves nothing";
}

TEST_F(SetupConfig, AccountsThatThereAre_AndMistakesInThem) {
  EXPECT_TRUE(accounts_in(file(), environment_)->empty());
  write("config.toml", "[daemon]\nlog_level = \"info\"\n");
  EXPECT_TRUE(accounts_in(file(), environment_)->empty()) << "none yet is no mistake here";
  write("config.toml", config_text(answers(), Part::whole_file));
  EXPECT_EQ(accounts_in(file(), environment_).value(), std::set<std::string>{"work"});
  write("config.toml", "nonsense");
  EXPECT_FALSE(accounts_in(file(), environment_));
}

TEST(Console, StrangersWords_AreHarmless) {
  EXPECT_EQ(harmless("a\x1b[2Jb\xc2\x9b"
                     "c\r\nd\x7f"),
            "a?[2Jb?c?\nd?");
  EXPECT_EQ(harmless("é 台"), "é 台");
}

TEST(Console, Text_IsWrappedAtWords) {
  EXPECT_EQ(wrapped("one two three", 2, 8), "one two\n  three");
  EXPECT_EQ(wrapped("averylongword x", 0, 5), "averylongword\nx");
}

}  // namespace
}  // namespace mailmirror::daemon::setup
