// Asked to stop, the programs stop soon and leave nothing half done behind.
#include "tests/servers/world.hpp"

#include <signal.h>

#include <random>

namespace mailmirror::testing {
namespace {

constexpr Milliseconds kPrompt{5'000};

class StopSignal : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Of, StopSignal, ::testing::Values(SIGINT, SIGTERM),
                         [](const auto& test) { return test.param == SIGINT ? "SIGINT" : "SIGTERM"; });

TEST_P(StopSignal, AtAnyMomentOfAPass_EndsSoonAndTheNextPassIsClean) {
  World world;
  std::mt19937_64 engine(static_cast<std::uint64_t>(GetParam()));
  world.fill("INBOX", 150);
  for (const std::uint64_t latest : {20U, 50U, 100U, 200U, 300U, 300U}) {
    MirrorProcess pass = world.device.start({"--once"});
    if (pass.process().wait_for(Milliseconds(engine() % latest))) continue;
    pass.process().signal(GetParam());
    const auto code = pass.process().wait_for(kPrompt);
    ASSERT_TRUE(code) << "still running: " << pass.errors();
    // Before the handler is in place the signal itself may end it.
    EXPECT_TRUE(*code >= 0 || *code == -GetParam()) << "ended by signal " << -*code << ": " << pass.errors();
  }
  EXPECT_TRUE(passes_and_same(world));
}

TEST_P(StopSignal, ToTheIdleDaemon_ExitsWithZero) {
  World world;
  auto daemon = world.device.start_daemon();
  daemon.process().signal(GetParam());
  EXPECT_EQ(daemon.process().wait_for(kPrompt), 0) << daemon.errors();
}

TEST_P(StopSignal, ToADaemonThatCannotConnect_ExitsSoon) {
  Device device({.port = free_port()});
  auto daemon = device.start_daemon();
  daemon.process().signal(GetParam());
  const auto code = daemon.process().wait_for(kPrompt);
  ASSERT_TRUE(code) << daemon.errors();
  EXPECT_GE(*code, 0);
}

TEST(Hangup, ToTheDaemon_ReadsItsConfigurationAgainOrIgnoresIt) {
  World world;
  auto daemon = world.device.start_daemon();
  daemon.process().signal(SIGHUP);
  world.fill("INBOX", 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon.errors();
  EXPECT_TRUE(daemon.process().running());
}

}  // namespace
}  // namespace mailmirror::testing
