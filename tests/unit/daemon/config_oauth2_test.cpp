// Sources of secrets: [account.NAME.oauth2], credentials, and none at all.
#include "tests/unit/daemon/config_support.hpp"

#include "daemon/config/secret.hpp"

#include <gmock/gmock.h>

namespace mailmirror::daemon::config {
namespace {

using testing::ConfigTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kAccount;

const std::string kNoSecret = "[account.work]\nhost = \"h\"\nuser = \"u\"\nmaildir = \"/m\"\n";

class ConfigOAuth2 : public ConfigTest {
 protected:
  std::vector<std::string> errors_with(const std::string& lines) {
    return errors_in(kNoSecret + "[account.work.oauth2]\n" + lines);
  }
  Account account_of(const std::string& lines) {
    const auto loaded = load_text(kNoSecret + lines);
    EXPECT_THAT(errors_of(loaded), IsEmpty());
    return loaded.config.accounts.empty() ? Account{} : loaded.config.accounts.front();
  }
};

TEST_F(ConfigOAuth2, NamedProvider_NeedsOnlyAClientId) {
  const auto account =
      account_of("[account.work.oauth2]\nprovider = \"microsoft\"\nclient_id = \"id\"\ntenant = \"example.org\"\n");
  EXPECT_EQ(account.secret.kind, SecretSource::Kind::oauth2);
  EXPECT_EQ(account.oauth2.provider, OAuth2::Provider::microsoft);
  EXPECT_EQ(account.oauth2.client_id, "id");
  EXPECT_EQ(account.oauth2.tenant, "example.org");
}

TEST_F(ConfigOAuth2, Issuer_NeedsScopes) {
  const auto account =
      account_of("[account.work.oauth2]\nissuer = \"https://id.example.org\"\nclient_id = \"id\"\nscopes = [\"imap\"]\n");
  EXPECT_EQ(account.oauth2.issuer, "https://id.example.org");
  EXPECT_THAT(account.oauth2.scopes, ElementsAre("imap"));
  EXPECT_THAT(errors_with("issuer = \"https://id.example.org\"\nclient_id = \"id\"\n"), ElementsAre(HasSubstr("lacks 'scopes'")));
}

TEST_F(ConfigOAuth2, MissingClientId_SaysWhyItIsNeeded) {
  EXPECT_THAT(errors_with("provider = \"google\"\n"), ElementsAre(HasSubstr("registered with no provider")));
}

TEST_F(ConfigOAuth2, Nobody_IsAMistake) {
  EXPECT_THAT(errors_with("client_id = \"id\"\nscopes = [\"a\"]\n"), ElementsAre(HasSubstr("doesn't say who signs you in")));
  EXPECT_THAT(errors_with("provider = \"gogle\"\nclient_id = \"id\"\n"), ElementsAre(HasSubstr("did you mean \"google\"?")));
  EXPECT_THAT(errors_with("provider = \"google\"\nissuer = \"https://a\"\nclient_id = \"id\"\n"),
              ElementsAre(HasSubstr("'issuer' contradicts 'provider'")));
}

TEST_F(ConfigOAuth2, AddressWithoutTls_IsRefusedButOnThisMachine) {
  EXPECT_THAT(errors_with("provider = \"google\"\nclient_id = \"id\"\ntoken_url = \"http://example.org/t\"\n"),
              ElementsAre(HasSubstr("must begin with https://")));
  EXPECT_THAT(errors_with("provider = \"google\"\nclient_id = \"id\"\ntoken_url = \"nonsense\"\n"),
              ElementsAre(HasSubstr("'token_url'")));
  EXPECT_EQ(account_of("[account.work.oauth2]\nprovider = \"google\"\nclient_id = \"id\"\ntoken_url = \"http://127.0.0.1:1/t\"\n")
                .oauth2.token_url,
            "http://127.0.0.1:1/t");
}

TEST_F(ConfigOAuth2, Tenant_IsMicrosoftsAndNoPath) {
  EXPECT_THAT(errors_with("provider = \"google\"\nclient_id = \"id\"\ntenant = \"t\"\n"),
              ElementsAre(HasSubstr("\"microsoft\" alone")));
  EXPECT_THAT(errors_with("provider = \"microsoft\"\nclient_id = \"id\"\ntenant = \"../x\"\n"),
              ElementsAre(HasSubstr("organization's id")));
}

TEST_F(ConfigOAuth2, SecondSource_Contradicts) {
  EXPECT_THAT(errors_in(kAccount + "[account.work.oauth2]\nprovider = \"google\"\nclient_id = \"id\"\n"),
              ElementsAre(HasSubstr("'oauth2' contradicts 'password_command'")));
  EXPECT_THAT(errors_in(kAccount + "credential = \"c\"\n"), ElementsAre(HasSubstr("'credential' contradicts 'password_command'")));
}

TEST_F(ConfigOAuth2, PasswordMechanism_DoesNotFit) {
  EXPECT_THAT(errors_in(kNoSecret + "auth = \"plain\"\n[account.work.oauth2]\nprovider = \"google\"\nclient_id = \"id\"\n"),
              ElementsAre(HasSubstr("oauth2 gives a token")));
}

TEST_F(ConfigOAuth2, ClientSecretThatOthersMayRead_IsAMistake) {
  write("config.toml", kNoSecret + "[account.work.oauth2]\nprovider = \"google\"\nclient_id = \"id\"\nclient_secret = \"s\"\n");
  ::chmod(file().c_str(), 0644);
  EXPECT_THAT(errors_of(load(file(), environment_)), ElementsAre(HasSubstr("chmod 600")));
}

TEST_F(ConfigOAuth2, UnknownKey_NamesTheNearest) {
  EXPECT_THAT(errors_with("provider = \"google\"\nclient_id = \"id\"\nscope = \"x\"\n"),
              ElementsAre(HasSubstr("did you mean 'scopes'?")));
}

TEST_F(ConfigOAuth2, NoSource_IsAskedForOnlyWhereSomebodyIsThere) {
  write("config.toml", kNoSecret);
  EXPECT_FALSE(load(file(), environment_).good());
  const auto asked = load(file(), environment_, MissingSecret::ask);
  EXPECT_THAT(errors_of(asked), IsEmpty());
  EXPECT_EQ(asked.config.accounts.front().secret.kind, SecretSource::Kind::prompt);
}

TEST_F(ConfigOAuth2, Credential_IsAFileInSystemdsDirectory) {
  EXPECT_EQ(account_of("credential = \"imap-work\"\n").secret, (SecretSource{SecretSource::Kind::credential, "imap-work"}));
  EXPECT_THAT(errors_in(kNoSecret + "credential = \"../x\"\n"), ElementsAre(HasSubstr("not a path")));
  EXPECT_THAT(errors_in(kNoSecret + "credential = \"..\"\n"), ElementsAre(HasSubstr("not a path")));
  write("imap-work", "s3cret\n");
  const SecretSource source{SecretSource::Kind::credential, "imap-work"};
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(obtain_secret(source).error().message, HasSubstr("LoadCredential=imap-work"));
  ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  EXPECT_EQ(obtain_secret(source).value(), "s3cret");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

/// What these programs print, each as it is called.
TEST(TokenCommand, OtherPeoplesPrograms_WorkAsTheyAre) {
  const auto token = [](const std::string& script) { return obtain_secret({SecretSource::Kind::token_command, script}).value(); };
  // oama access me@example.org
  EXPECT_EQ(token("echo ya29.a0-token_of.oama"), "ya29.a0-token_of.oama");
  // pizauth show work
  EXPECT_EQ(token("printf 'EwB4A8l6~token/of+pizauth==\\n'"), "EwB4A8l6~token/of+pizauth==");
  // mutt_oauth2.py tokens: the token on its own line; what it tells of a refresh goes to stderr
  EXPECT_EQ(token("echo 'NOTICE: Obtained new access token' >&2; printf 'eyJ0.mutt_oauth2.py\\n'"), "eyJ0.mutt_oauth2.py");
}

}  // namespace
}  // namespace mailmirror::daemon::config
