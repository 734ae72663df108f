#include "daemon/config/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace mailmirror::daemon::config {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Result<std::string> from_command(const std::string& command, std::chrono::milliseconds patience = 10s) {
  return obtain_secret({SecretSource::Kind::password_command, command}, patience);
}

TEST(Secret, CommandsFirstLine_IsThePassword) {
  EXPECT_EQ(from_command("printf 'pa ss\\r\\nsecond\\n'").value(), "pa ss");
  EXPECT_EQ(from_command("printf 'no newline'").value(), "no newline");
}

TEST(Secret, FailingCommand_TellsStatusAndItsWordsButNoSecret) {
  const auto secret = from_command("echo hunter2; echo 'gpg: no key' >&2; exit 7");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().kind, ErrorKind::authentication);
  const auto message = secret.error().message;
  EXPECT_THAT(message.substr(message.find("' ended")),
              AllOf(HasSubstr("ended with status 7"), HasSubstr("gpg: no key"), Not(HasSubstr("hunter2"))));
}

TEST(Secret, CommandThatIsKilled_TellsTheSignal) {
  EXPECT_THAT(from_command("kill -9 $$").error().message, HasSubstr("was ended by signal 9"));
}

TEST(Secret, CommandThatPrintsNothing_IsAnError) {
  EXPECT_THAT(from_command("true").error().message, HasSubstr("printed nothing"));
}

TEST(Secret, CommandThatHangs_IsKilledWithItsChildren) {
  const auto start = std::chrono::steady_clock::now();
  const auto secret = from_command("sleep 30 | sleep 30", 50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_THAT(secret.error().message, HasSubstr("gave no password within 1 s"));
}

TEST(Secret, CommandThatClosesItsOutputAndHangs_IsKilled) {
  EXPECT_THAT(from_command("exec >&- 2>&-; sleep 30", 50ms).error().message, HasSubstr("gave no password"));
}

TEST(Secret, AgentLeftBehindByTheCommand_IsNotWaitedFor) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(from_command("echo secret; sleep 2 &").value(), "secret");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1500ms);
}

TEST(Secret, CommandThatPrintsWithoutEnd_IsBounded) {
  EXPECT_THAT(from_command("yes | head -c 10000000").value(), "y");
}

TEST(Secret, MissingPasswordFile_NamesIt) {
  const auto secret = obtain_secret({SecretSource::Kind::password_file, "/nowhere/password"});
  EXPECT_THAT(secret.error().message, AllOf(HasSubstr("/nowhere/password"), HasSubstr("No such file")));
}

TEST(Secret, PasswordOfTheConfiguration_IsTaken) {
  EXPECT_EQ(obtain_secret({SecretSource::Kind::password, "p"}).value(), "p");
}

}  // namespace
}  // namespace mailmirror::daemon::config
