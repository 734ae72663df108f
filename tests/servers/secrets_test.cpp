// What is secret shows nowhere: in no log at any level, no message to the user, no argument list, no state.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace mailmirror::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// In the clear, and as AUTHENTICATE sends it.
constexpr const char* kCanary = "canary-7f3a-password";
constexpr const char* kCanaryInBase64 = "Y2FuYXJ5LTdmM2EtcGFzc3dvcmQ";
/// Another position in PLAIN's message gives other digits: "\0u1\0canary…".
constexpr const char* kCanaryInPlain = "AHUxAGNhbmFyeS03ZjNhLXBhc3N3b3Jk";

void expect_no_secret(const std::string& text, const std::string& where) {
  for (const auto* form : {kCanary, kCanaryInBase64, kCanaryInPlain})
    EXPECT_THAT(text, Not(HasSubstr(form))) << where;
}

std::string arguments_of_all_processes() {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  return all;
}

class Secrets : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(By, Secrets, ::testing::Values("auto", "plain"), [](const auto& test) {
  return std::string(test.param);
});

TEST_P(Secrets, WrongPasswordAtTraceLevel_IsNeverShown) {
  World world;
  world.device.account.password = kCanary;
  world.device.account.more = std::string("auth = \"") + GetParam() + "\"\n";
  world.device.more_daemon = "log_level = \"trace\"\n";
  auto running = world.device.start({"--once"});
  expect_no_secret(arguments_of_all_processes(), "arguments");
  EXPECT_EQ(running.process().wait_for(Milliseconds(30'000)), 1);
  EXPECT_THAT(running.errors(), HasSubstr("C: ")) << "the wire was traced";
  expect_no_secret(running.errors(), "log");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.device.state_folder()))
    if (entry.is_regular_file()) expect_no_secret(read_file(entry.path()), entry.path().string());
}

TEST(Secrets, MailThatPassesAtTraceLevel_IsNotInTheLog) {
  World world;
  ASSERT_TRUE(passes(world.device));
  world.device.more_daemon = "log_level = \"trace\"\n";
  world.probe.append("INBOX", std::string("Subject: x\r\n\r\n") + kCanary + "\r\n");
  world.maildir.deliver("INBOX", std::string("Subject: y\n\n") + kCanary + " again\n");
  const auto result = world.device.once();
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("APPEND")) << "the upload was traced";
  expect_no_secret(result.err, "log");
}

}  // namespace
}  // namespace mailmirror::testing
