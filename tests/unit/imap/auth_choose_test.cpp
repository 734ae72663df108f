#include "imap/auth/choose.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Line = Situation::Line;
using LoginCommand = Situation::LoginCommand;

Situation offering(std::vector<std::string> mechanisms, Line line = Line::sheltered, LoginCommand login = LoginCommand::allowed) {
  return {std::move(mechanisms), login, line, {}};
}

AuthMethod method_of(const Result<Attempts>& attempts) {
  EXPECT_TRUE(attempts);
  EXPECT_EQ(attempts->next().form, Attempt::Form::authenticate);
  return attempts->next().method;
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
  EXPECT_EQ(choose(offering({}), AuthMethod::automatic, SecretKind::password)->next().form, Attempt::Form::login_command);
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

/// A TLS 1.3 connection that both types bind.
Situation bindable(std::vector<std::string> mechanisms) {
  auto situation = offering(std::move(mechanisms));
  situation.channels = {{"tls-exporter", "E"}, {"tls-server-end-point", "P"}};
  return situation;
}

/// The first attempt and those that follow it when each is refused so, as "METHOD HEADER".
std::vector<std::string> all_attempts(const Situation& situation, Retreat way, AuthMethod wanted = AuthMethod::automatic) {
  std::vector<std::string> names;
  auto attempts = choose(situation, wanted, SecretKind::password);
  if (!attempts) return {attempts.error().message};
  do {
    const auto& attempt = attempts->next();
    const bool command = attempt.form == Attempt::Form::login_command;
    names.push_back(command ? "LOGIN command" : std::string(to_string(attempt.method)));
    if (is_scram(attempt.method)) names.back() += " " + gs2_header(attempt.binding);
  } while (attempts->retreat(way));
  return names;
}

TEST(ChooseMethod, ChannelBinding_IsTakenWhereBothSidesHaveIt) {
  const auto attempts =
      choose(bindable({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"}), AuthMethod::automatic, SecretKind::password);
  EXPECT_EQ(method_of(attempts), AuthMethod::scram_sha_1_plus);
  EXPECT_EQ(attempts->next().binding.channel, (ChannelBinding{"tls-exporter", "E"}));
}

TEST(ChooseMethod, WithoutTls_TheServersBindingIsOfNoUse) {
  EXPECT_THAT(all_attempts(offering({"SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"}), Retreat::none), ElementsAre("scram-sha-1 n,,"));
  EXPECT_THAT(all_attempts(offering({"SCRAM-SHA-1-PLUS"}), Retreat::none, AuthMethod::scram_sha_1_plus),
              ElementsAre(HasSubstr("nothing to tie it to")));
}

TEST(ChooseMethod, ServerThatOffersNoBinding_IsToldThatTheClientHasIt) {
  EXPECT_THAT(all_attempts(bindable({"SCRAM-SHA-256"}), Retreat::none), ElementsAre("scram-sha-256 y,,"));
  EXPECT_THAT(all_attempts(bindable({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}), Retreat::none, AuthMethod::scram_sha_256),
              ElementsAre("scram-sha-256 n,,"));
}

TEST(Retreat, UnknownBindingType_TriesTheOtherTypesFirst) {
  EXPECT_THAT(all_attempts(bindable({"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"}), Retreat::other_binding),
              ElementsAre("scram-sha-256-plus p=tls-exporter,,", "scram-sha-256-plus p=tls-server-end-point,,", "LOGIN command"));
  auto attempts = choose(bindable({"SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"}), AuthMethod::automatic, SecretKind::password);
  EXPECT_TRUE(attempts->retreat(Retreat::other_binding));
  EXPECT_TRUE(attempts->retreat(Retreat::other_binding));
  EXPECT_EQ(attempts->next().method, AuthMethod::scram_sha_1);
  EXPECT_EQ(attempts->next().binding.flag, Binding::Flag::client_cannot);
}

TEST(Retreat, ServerThatTakesItsBindingBack_IsHeldToIt) {
  auto attempts = choose(bindable({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"}), AuthMethod::automatic, SecretKind::password);
  EXPECT_TRUE(attempts->retreat(Retreat::no_binding));
  EXPECT_EQ(attempts->next().method, AuthMethod::scram_sha_256);
  EXPECT_EQ(attempts->next().binding.flag, Binding::Flag::server_cannot);
}

TEST(Retreat, RefusedBeforeTheProof_GoesDownToThePasswordItself) {
  EXPECT_THAT(all_attempts(bindable({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}), Retreat::other_method),
              ElementsAre("scram-sha-256-plus p=tls-exporter,,", "scram-sha-256 n,,", "scram-sha-1 n,,", "plain"));
  EXPECT_THAT(all_attempts(offering({"SCRAM-SHA-1"}), Retreat::other_method), ElementsAre("scram-sha-1 n,,", "LOGIN command"));
}

TEST(Retreat, ExposedLine_NeverEndsInThePasswordItself) {
  EXPECT_THAT(all_attempts(offering({"SCRAM-SHA-1", "PLAIN"}, Line::exposed), Retreat::other_method),
              ElementsAre("scram-sha-1 n,,"));
}

TEST(Retreat, NamedMethod_IsNotLeft) {
  EXPECT_THAT(all_attempts(bindable({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"}), Retreat::other_method,
                           AuthMethod::scram_sha_256_plus),
              ElementsAre("scram-sha-256-plus p=tls-exporter,,"));
  EXPECT_THAT(all_attempts(offering({"SCRAM-SHA-256", "PLAIN"}), Retreat::other_method, AuthMethod::scram_sha_256),
              ElementsAre("scram-sha-256 n,,"));
}

TEST(Retreat, JudgedPassword_IsNotTriedAgain) {
  EXPECT_THAT(all_attempts(offering({"SCRAM-SHA-256", "PLAIN", "LOGIN"}), Retreat::none), ElementsAre("scram-sha-256 n,,"));
}

}  // namespace
}  // namespace mailmirror::imap::auth
