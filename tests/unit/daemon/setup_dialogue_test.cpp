// The wizard's questions without a terminal.
#include "daemon/setup/dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::daemon::setup {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const MailAddress kAddress{"me", "example.org"};

Offer found(const std::string& host = "imap.example.org") {
  return {.host = host, .user = "me@example.org", .source = "DNS"};
}

Setting setting() {
  Setting made;
  made.config_folder = "/home/me/.config/mailmirror";
  return made;
}

Dialogue begin(SetupOptions options, std::vector<Offer> offers, Setting where = setting()) {
  return Dialogue::begin(kAddress, std::move(options), std::move(offers), std::move(where)).value();
}

/// Answers question by question; the steps that were asked.
std::vector<Step> play(Dialogue& dialogue, const std::vector<std::string>& answers) {
  std::vector<Step> steps;
  for (const auto& answer : answers) {
    const auto question = dialogue.question();
    if (!question) break;
    steps.push_back(question->step);
    const auto taken = dialogue.answer(answer);
    EXPECT_TRUE(taken) << taken.error().message;
  }
  if (const auto left = dialogue.question()) steps.push_back(left->step);
  return steps;
}

TEST(Dialogue, ServerFound_OnlyWhatIsMissingIsAsked) {
  auto dialogue = begin({}, {found()});
  EXPECT_THAT(play(dialogue, {"", "", "", "", "secret"}),
              ElementsAre(Step::choose_server, Step::account, Step::maildir, Step::keeping, Step::password));
  const auto& answers = dialogue.answers();
  EXPECT_EQ(answers.host, "imap.example.org");
  EXPECT_EQ(answers.account, "example");
  EXPECT_EQ(answers.maildir, "~/Mail/example");
  EXPECT_EQ(answers.secret_place, "/home/me/.config/mailmirror/example.password");
  EXPECT_EQ(answers.password, "secret");
}

TEST(Dialogue, NothingFound_ServerIsAskedByHand) {
  auto dialogue = begin({}, {});
  EXPECT_THAT(
      play(dialogue, {"mail.example.org", "1993", "implicit", "", "", "", "2", "pass show x"}),
      ElementsAre(Step::host, Step::port, Step::tls, Step::user, Step::account, Step::maildir, Step::keeping, Step::command));
  EXPECT_EQ(dialogue.answers().port, 1993);
  EXPECT_EQ(dialogue.answers().user, "me@example.org");
  EXPECT_EQ(dialogue.answers().secret_place, "pass show x");
}

TEST(Dialogue, UsualPort_TellsTheTls) {
  auto dialogue = begin({}, {});
  EXPECT_THAT(play(dialogue, {"mail.example.org", "143"}), ElementsAre(Step::host, Step::port, Step::user));
  EXPECT_EQ(dialogue.answers().tls, config::Tls::starttls);
}

TEST(Dialogue, SeveralServers_OneIsChosenByNumber) {
  auto dialogue = begin({}, {found("a.example.org"), found("b.example.org")});
  EXPECT_FALSE(dialogue.answer("3"));
  EXPECT_TRUE(dialogue.answer("2"));
  EXPECT_EQ(dialogue.answers().host, "b.example.org");
}

TEST(Dialogue, FoundServerRefused_AnotherIsAsked) {
  auto dialogue = begin({}, {found()});
  EXPECT_THAT(play(dialogue, {"no"}), ElementsAre(Step::choose_server, Step::host));
}

TEST(Dialogue, AllByOptions_NothingIsAsked) {
  SetupOptions options;
  options.host = "imap.example.org";
  options.account = "work";
  options.maildir = "/mail/work";
  options.password_command = "pass show x";
  auto dialogue = begin(options, {});
  EXPECT_FALSE(dialogue.question());
  EXPECT_EQ(dialogue.answers().user, "me@example.org");
  EXPECT_EQ(dialogue.answers().port, 993);
  EXPECT_EQ(dialogue.answers().source, "the command line");
}

TEST(Dialogue, PresetsOnly_NamesTheOptionForWhatHasNone) {
  auto dialogue = begin({}, {found()});
  const auto answered = dialogue.answer_all_by_presets();
  ASSERT_FALSE(answered);
  EXPECT_THAT(answered.error().message, HasSubstr("--password-file or --password-command"));
}

TEST(Dialogue, PlainTextBeyondThisMachine_IsRefused) {
  auto dialogue = begin({}, {});
  EXPECT_TRUE(dialogue.answer("mail.example.org"));
  EXPECT_TRUE(dialogue.answer("1143"));
  const auto taken = dialogue.answer("none");
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("in the clear"));
  EXPECT_EQ(dialogue.question()->step, Step::tls);
}

TEST(Dialogue, PlainTextHere_IsTaken) {
  auto dialogue = begin({}, {});
  EXPECT_THAT(play(dialogue, {"127.0.0.1", "1143", "none"}).back(), Step::user);
}

TEST(Dialogue, BadAnswers_LeaveTheQuestion) {
  auto dialogue = begin({}, {});
  for (const char* bad : {"", "imap.example.org:993", "https://x", "a b", "a\x1b[0m"}) EXPECT_FALSE(dialogue.answer(bad)) << bad;
  EXPECT_TRUE(dialogue.answer("imap.example.org"));
  for (const char* bad : {"0", "65536", "x", "-1"}) EXPECT_FALSE(dialogue.answer(bad)) << bad;
  EXPECT_EQ(dialogue.question()->step, Step::port);
}

TEST(Dialogue, TakenAccountName_GetsANumber) {
  auto where = setting();
  where.taken_accounts = {"example", "example-2"};
  auto dialogue = begin({}, {found()}, where);
  EXPECT_TRUE(dialogue.answer("yes"));
  EXPECT_EQ(dialogue.question()->preset, "example-3");
  EXPECT_FALSE(dialogue.answer("example"));
  EXPECT_FALSE(dialogue.answer("../x"));
}

TEST(Dialogue, PasswordFileThatIsThere_IsntOverwritten) {
  auto where = setting();
  where.exists = [](const auto&) { return true; };
  auto dialogue = begin({}, {found()}, where);
  EXPECT_EQ(play(dialogue, {"", "", ""}).back(), Step::keeping);
  EXPECT_FALSE(dialogue.answer("1"));
  EXPECT_TRUE(dialogue.answer("2"));
}

TEST(Dialogue, ProviderWithBoth_AsksHowToSignIn) {
  auto google = found("imap.gmail.com");
  google.provider = "google";
  auto dialogue = begin({}, {google});
  EXPECT_THAT(play(dialogue, {"", "2", "id.apps secret", "", ""}),
              ElementsAre(Step::choose_server, Step::sign_in, Step::client_id, Step::account, Step::maildir));
  EXPECT_EQ(dialogue.answers().client_id, "id.apps");
  EXPECT_EQ(dialogue.answers().client_secret, "secret");
  EXPECT_EQ(dialogue.answers().sign_in, SignIn::oauth2);
}

TEST(Dialogue, ProviderWithoutPasswords_SignsInByOAuth2) {
  auto microsoft = found("outlook.office365.com");
  microsoft.provider = "microsoft";
  microsoft.takes_password = false;
  auto dialogue = begin({}, {microsoft});
  EXPECT_EQ(play(dialogue, {""}).back(), Step::client_id);
}

TEST(Dialogue, LoginRefused_NameAndPasswordAreAskedAgain) {
  auto dialogue = begin({}, {found()});
  play(dialogue, {"", "", "", "", "wrong"});
  ASSERT_FALSE(dialogue.question());
  dialogue.ask_login_again();
  EXPECT_EQ(dialogue.question()->preset, "me@example.org");
  EXPECT_THAT(play(dialogue, {"me", "right"}), ElementsAre(Step::user, Step::password));
  EXPECT_EQ(dialogue.answers().user, "me");
  EXPECT_EQ(dialogue.answers().password, "right");
}

TEST(Dialogue, LoginRefusedWithTheNameByOption_OnlyThePasswordIsAskedAgain) {
  SetupOptions options;
  options.user = "u1";
  auto dialogue = begin(options, {found()});
  play(dialogue, {"", "", "", "2", "pass show x"});
  dialogue.ask_login_again();
  EXPECT_THAT(play(dialogue, {"pass show y"}), ElementsAre(Step::command));
}

TEST(Dialogue, WrongServer_IsAskedFromItsHostOn) {
  auto dialogue = begin({}, {found()});
  play(dialogue, {"", "", "", "", "pw"});
  dialogue.ask_server_again();
  EXPECT_THAT(play(dialogue, {"other.example.org", ""}), ElementsAre(Step::host, Step::port, Step::user));
}

TEST(Dialogue, ContradictingOptions_AreRefused) {
  const auto refused = [](SetupOptions options) { return !Dialogue::begin(kAddress, std::move(options), {found()}, setting()); };
  EXPECT_TRUE(refused({.port = 993}));
  EXPECT_TRUE(refused({.layout = "flat"}));
  EXPECT_TRUE(refused({.mode = "both"}));
  EXPECT_TRUE(refused({.auth = "magic"}));
  EXPECT_TRUE(refused({.password_command = "a", .password_file = "b"}));
  EXPECT_TRUE(refused({.auth = "oauth2", .password_command = "a"}));
  EXPECT_TRUE(refused({.maildir = "Mail"}));
  EXPECT_TRUE(refused({.host = "imap.example.org", .tls = config::Tls::none}));
}

TEST(Dialogue, Password_IsTheOnlyAnswerThatIsntShown) {
  auto dialogue = begin({}, {found()});
  for (const char* answer : {"", "", "", "", "pw"}) {
    const auto question = dialogue.question();
    EXPECT_EQ(question->echo, question->step == Step::password ? Echo::no : Echo::yes);
    EXPECT_TRUE(dialogue.answer(answer));
  }
}

}  // namespace
}  // namespace mailmirror::daemon::setup
