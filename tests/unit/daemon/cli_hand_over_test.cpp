// Handing a command over to mailmirrord: which program, with what, and how it ends.
#include "cli/hand_over.hpp"
#include "cli/interrupt.hpp"
#include "sync/base/task.hpp"
#include "tests/unit/daemon/control_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace mailmirror::cli {
namespace {

using daemon::server::testing::TemporaryDirectory;
using ::testing::HasSubstr;

constexpr int kNoInterrupt = -1;

/// A mailmirrord that a test wrote is the only one in PATH.
class HandOver : public ::testing::Test {
 protected:
  void SetUp() override {
    path_before_ = std::getenv("PATH");
    ::setenv("PATH", (":.:" + folder.path().string() + ":" + path_before_).c_str(), 1);
  }
  void TearDown() override { ::setenv("PATH", path_before_.c_str(), 1); }

  void write_program(const std::string& script) {
    const auto program = folder.path() / "mailmirrord";
    std::ofstream(program) << "#!/bin/sh\n" << script;
    ::chmod(program.c_str(), 0700);
  }
  std::string said() {
    std::ifstream in(folder.path() / "said");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryDirectory folder;
  std::string path_before_;
};

TEST_F(HandOver, ProgramInPath_GetsTheWordsAndItsStatusIsTold) {
  write_program("printf '%s|' \"$@\" > \"${0%/*}/said\"\nexit 7\n");
  EXPECT_EQ(hand_over({"--login", "my work"}, kNoInterrupt).value(), 7);
  EXPECT_EQ(said(), "--login|my work|");
}

TEST_F(HandOver, ProgramEndedBySignal_IsToldAsTheShellDoes) {
  write_program("kill -TERM $$\n");
  EXPECT_EQ(hand_over({}, kNoInterrupt).value(), 128 + SIGTERM);
}

TEST_F(HandOver, NoProgram_SaysSo) {
  ::setenv("PATH", folder.path().c_str(), 1);
  const auto ended = hand_over({}, kNoInterrupt);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::missing);
  EXPECT_THAT(ended.error().message, HasSubstr("no mailmirrord beside mailmirror or in PATH"));
}

TEST_F(HandOver, Sigterm_IsPassedOnAndAwaited) {
  write_program("trap 'echo stopped > \"${0%/*}/said\"; exit 0' TERM\necho > \"${0%/*}/ready\"\nwhile :; do sleep 0.02; done\n");
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, nullptr, &before);
  {
    const Interrupt interrupt;
    std::thread sender([this] {
      while (::access((folder.path() / "ready").c_str(), F_OK) != 0) ::usleep(2000);
      ::kill(::getpid(), SIGTERM);
    });
    EXPECT_THROW(static_cast<void>(hand_over({}, interrupt.descriptor())), boost::system::system_error);
    sender.join();
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(said(), "stopped\n");
}

}  // namespace
}  // namespace mailmirror::cli
