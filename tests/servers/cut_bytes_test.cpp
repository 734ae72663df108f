// The line breaks after every byte of a session, whichever way it went, and the next pass always reaches the same end.
#include "tests/servers/busy_scenario.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <cstdlib>
#include <random>
#include <tuple>

namespace mailmirror::testing {
namespace {

using Extent = BusyScenario::Extent;

/// Pauses by design (a settle time of five seconds, back-off) take a quarter of a second.
constexpr long kHaste = 20;
constexpr std::uint64_t kParts = 4;
/// Cuts a part makes, unless MAILMIRROR_EVERY_BYTE is set: then all bytes are dealt out to the parts.
constexpr std::uint64_t kSample = 8;
constexpr int kPassesAtMost = 8;
constexpr auto kNever = UINT64_MAX;

struct CutWorld {
  CutWorld(Setting setting, Extent extent) : world(setting), scenario(world, extent) {
    world.device.account.port = proxy.port();
    // Positions mean the same on every run only without compression.
    world.device.account.more = "compress = false\n";
    world.device.meddling = Meddling{.haste = kHaste};
  }

  World world;
  BusyScenario scenario;
  TcpProxy proxy{world.server.port()};
};

/// Bytes, both ways together, of all connections of a pass that isn't cut; and how many there are.
std::pair<std::uint64_t, std::uint64_t> session(Setting setting, Extent extent) {
  CutWorld cut(setting, extent);
  EXPECT_TRUE(passes(cut.world.device));
  const auto traffic = cut.proxy.traffic();
  EXPECT_TRUE(cut.scenario.came_out_right());
  return {traffic.to_server + traffic.to_client, traffic.connections};
}

/// The next connections are cut after so many bytes; passes follow until one is clean.
void cut_and_go_on(Setting setting, Extent extent, std::vector<std::uint64_t> cuts) {
  CutWorld cut(setting, extent);
  cut.proxy.cut_after(std::move(cuts));
  RunResult result;
  for (int i = 0; i < kPassesAtMost; ++i) {
    result = cut.world.device.once();
    if (result.code == 0) break;
    EXPECT_EQ(result.code, 1) << result;
  }
  EXPECT_EQ(result.code, 0) << result;
  // What was asked to be cut and never came about mustn't happen while all is looked at.
  cut.proxy.cut_after({});
  EXPECT_TRUE(cut.scenario.came_out_right());
}

std::vector<Setting> cut_settings() {
  return {{Profile::everything}, {Profile::no_uidplus}};
}

using Part = std::tuple<Setting, std::uint64_t>;
std::string part_name(const ::testing::TestParamInfo<Part>& test) {
  std::ostringstream name;
  name << std::get<0>(test.param) << "_part" << std::get<1>(test.param);
  return name.str();
}

class CutByte : public ::testing::TestWithParam<Part> {};
INSTANTIATE_TEST_SUITE_P(All, CutByte,
                         ::testing::Combine(::testing::ValuesIn(cut_settings()), ::testing::Range<std::uint64_t>(0, kParts)),
                         part_name);

/// The lines of a pass (its mailboxes go side by side) take turns.
TEST_P(CutByte, OfASmallSession_NextPassComesOutRight) {
  const auto [setting, part] = GetParam();
  const auto [bytes, connections] = session(setting, Extent::messages);
  const auto all = std::getenv("MAILMIRROR_EVERY_BYTE") != nullptr;
  std::mt19937_64 engine(part);
  for (std::uint64_t n = 0; n < (all ? bytes / kParts : kSample) && !HasFailure(); ++n) {
    const auto byte = all ? n * kParts + part : engine() % bytes;
    SCOPED_TRACE("cut after byte " + std::to_string(byte) + " of " + std::to_string(bytes));
    std::vector<std::uint64_t> cuts(byte % connections, kNever);
    cuts.push_back(byte);
    cut_and_go_on(setting, Extent::messages, std::move(cuts));
  }
}

/// Several lines of one pass are cut, and those of the passes that mend it.
TEST_P(CutByte, OfALargeSession_PassesComeOutRight) {
  const auto [setting, part] = GetParam();
  const auto [bytes, connections] = session(setting, Extent::everything);
  std::mt19937_64 engine(part);
  for (std::uint64_t n = 0; n < kSample && !HasFailure(); ++n) {
    std::vector<std::uint64_t> cuts;
    std::string trace = "cut after bytes";
    for (std::uint64_t line = 0; line <= connections; ++line) {
      // The first line speaks for most of the pass; the others only for a mailbox or two.
      cuts.push_back(engine() % (line == 0 ? bytes : bytes / 4));
      trace += " " + std::to_string(cuts.back());
    }
    SCOPED_TRACE(trace);
    cut_and_go_on(setting, Extent::everything, std::move(cuts));
  }
}

}  // namespace
}  // namespace mailmirror::testing
