// An account without a source of its password: `--once` on a terminal asks.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>

namespace mailmirror::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// `mailmirrord --once` on a terminal where somebody types.
class PasswordPrompt : public ::testing::Test {
 protected:
  /// What the terminal showed; the exit status.
  std::pair<std::string, int> run(const std::string& keys) {
    world.device.account.password.clear();
    world.device.write_config();
    const auto config = world.device.config_file().string();
    std::string program = Device::daemon_path().string(), option = "--config", once = "--once", file = config;
    std::array<char*, 5> argv{program.data(), option.data(), file.data(), once.data(), nullptr};
    int terminal = -1;
    const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (pid == 0) {
      ::execv(program.c_str(), argv.data());
      ::_exit(127);
    }
    std::string shown;
    std::array<char, 4096> piece{};
    bool typed = false;
    for (auto got = ::read(terminal, piece.data(), piece.size()); got > 0; got = ::read(terminal, piece.data(), piece.size())) {
      shown.append(piece.data(), static_cast<std::size_t>(got));
      if (typed || shown.find(": ") == std::string::npos) continue;
      typed = true;
      // The question is written before the terminal hides what is typed.
      EXPECT_TRUE(eventually(Milliseconds(10'000), [&] {
        termios now{};
        return ::tcgetattr(terminal, &now) == 0 && (now.c_lflag & ECHO) == 0;
      }));
      EXPECT_GT(::write(terminal, keys.data(), keys.size()), 0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ::close(terminal);
    return {shown, WEXITSTATUS(status)};
  }

  World world;
};

TEST_F(PasswordPrompt, TypedPassword_OpensAndIsNotShown) {
  world.fill("INBOX", 2);
  const auto [shown, status] = run("wrong\x15px\x7fw\r");
  EXPECT_EQ(status, 0) << shown;
  EXPECT_THAT(shown, HasSubstr("Password of u1 at 127.0.0.1 (account work): "));
  EXPECT_THAT(shown, Not(HasSubstr("pw")));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_F(PasswordPrompt, CtrlC_EndsWithoutAPassword) {
  const auto [shown, status] = run("\x03");
  EXPECT_EQ(status, 1) << shown;
  EXPECT_THAT(shown, HasSubstr("no password was given"));
}

TEST_F(PasswordPrompt, WithoutATerminal_TheSourceIsMissing) {
  world.device.account.password.clear();
  const auto result = world.device.once();
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("has no password"));
}

}  // namespace
}  // namespace mailmirror::testing
