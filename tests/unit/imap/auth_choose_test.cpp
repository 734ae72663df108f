#include "imap/auth/choose.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::auth {
namespace {

using ::testing::HasSubstr;
using Line = Situation::Line;
using LoginCommand = Situation::LoginCommand;

Situation offering(std::vector<std::string> mechanisms, Line line = Line::sheltered, LoginCommand login = LoginCommand::allowed) {
  return {std::move(mechanisms), login, line};
}

AuthMethod method_of(const Result<Choice>& choice) {
  EXPECT_TRUE(choice);
  EXPECT_EQ(choice->form, Choice::Form::authenticate);
  return choice->method;
}

TEST(ChooseMethod, Automatic_TakesTheStrongestOnOffer) {
  EXPECT_EQ(
      method_of(choose(offering({"PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}), AuthMethod::automatic, SecretKind::password)),
      AuthMethod::scram_sha_256);
  EXPECT_EQ(method_of(choose(offering({"LOGIN", "PLAIN"}), AuthMethod::automatic, SecretKind::password)), AuthMethod::plain);
  EXPECT_EQ(method_of(choose(offering({"XOAUTH2", "OAUTHBEARER", "PLAIN"}), AuthMethod::automatic, SecretKind::token)),
            AuthMethod::oauthbearer);
  EXPECT_EQ(method_of(choose(offering({"XOAUTH2", "PLAIN"}), AuthMethod::automatic, SecretKind::token)), AuthMethod::xoauth2);
}

TEST(ChooseMethod, NoMechanismAtAll_FallsBackToTheLoginCommand) {
  EXPECT_EQ(choose(offering({}), AuthMethod::automatic, SecretKind::password)->form, Choice::Form::login_command);
}

TEST(ChooseMethod, LoginDisabled_IsObeyed) {
  const auto choice = choose(offering({}, Line::sheltered, LoginCommand::disabled), AuthMethod::automatic, SecretKind::password);
  EXPECT_EQ(choice.error().kind, ErrorKind::authentication);
}

TEST(ChooseMethod, ExposedLine_CarriesNoSecret) {
  EXPECT_FALSE(choose(offering({"PLAIN", "LOGIN"}, Line::exposed), AuthMethod::automatic, SecretKind::password));
  EXPECT_FALSE(choose(offering({"PLAIN"}, Line::exposed), AuthMethod::plain, SecretKind::password));
  EXPECT_FALSE(choose(offering({"XOAUTH2"}, Line::exposed), AuthMethod::automatic, SecretKind::token));
  EXPECT_EQ(method_of(choose(offering({"PLAIN", "SCRAM-SHA-1"}, Line::exposed), AuthMethod::automatic, SecretKind::password)),
            AuthMethod::scram_sha_1);
}

TEST(ChooseMethod, TokenIsNeverSentAsAPassword) {
  EXPECT_FALSE(choose(offering({"PLAIN", "LOGIN"}), AuthMethod::automatic, SecretKind::token));
  EXPECT_EQ(choose(offering({"PLAIN"}), AuthMethod::plain, SecretKind::token).error().kind, ErrorKind::configuration);
  EXPECT_EQ(choose(offering({"XOAUTH2"}), AuthMethod::xoauth2, SecretKind::password).error().kind, ErrorKind::configuration);
}

TEST(ChooseMethod, NamedMethodThatIsNotOffered_SaysWhatIs) {
  const auto choice = choose(offering({"PLAIN", "LOGIN"}), AuthMethod::scram_sha_256, SecretKind::password);
  EXPECT_THAT(choice.error().message, HasSubstr("PLAIN, LOGIN"));
}

}  // namespace
}  // namespace mailmirror::imap::auth
