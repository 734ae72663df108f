// When nothing has changed, a pass does nothing, and its cost doesn't grow with the mail.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <cstdlib>

namespace mailmirror::testing {
namespace {

constexpr std::uint64_t kTrafficLimit = 4096;
constexpr std::uint64_t kRoundTripLimit = 5;
/// Numbers with more digits: UIDNEXT, HIGHESTMODSEQ and counts of each mailbox.
constexpr std::int64_t kDigits = 64;

class SecondPass : public ::testing::TestWithParam<Setting> {};
INSTANTIATE_TEST_SUITE_P(All, SecondPass, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(SecondPass, NothingChanged_NothingTouched) {
  World world(GetParam());
  world.fill("INBOX", 12);
  world.probe.add_flags("INBOX", 3, "\\Seen keyword");
  world.maildir.create("Local");
  world.maildir.deliver("Local", world.generator.file(Shape::no_final_newline), "S");
  ASSERT_TRUE(passes(world.device));
  const auto files = snapshot(world.maildir.root());
  const auto mailboxes = server_snapshot(world.probe);
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(snapshot(world.maildir.root()), files);
  EXPECT_EQ(server_snapshot(world.probe), mailboxes);
}

class SecondPassTraffic : public ::testing::TestWithParam<Setting> {};
// Without CONDSTORE flags are listed in full: only those who have it promise a constant cost.
INSTANTIATE_TEST_SUITE_P(Constant, SecondPassTraffic,
                         ::testing::Values(Setting{Profile::everything}, Setting{Profile::no_qresync}, Setting{Profile::no_notify}),
                         setting_name);

TEST_P(SecondPassTraffic, HundredAndTwoThousandMessages_CostTheSame) {
  World world(GetParam());
  TcpProxy proxy(world.server.port());
  proxy.record();
  // What was said shows when the test fails.
  world.device.account.more = "compress = false\n";
  world.device.account.port = proxy.port();
  const auto cost_of_second_pass = [&] {
    EXPECT_TRUE(passes(world.device));
    proxy.set_latency(Milliseconds(20));
    proxy.reset_traffic();
    EXPECT_TRUE(passes(world.device));
    const Traffic traffic = proxy.traffic();
    proxy.set_latency(Milliseconds(0));
    return traffic;
  };
  world.fill("INBOX", 100);
  const Traffic few = cost_of_second_pass();
  world.fill("INBOX", 1'900);
  const Traffic many = cost_of_second_pass();
  EXPECT_LE(few.to_server + few.to_client, kTrafficLimit);
  EXPECT_LE(few.round_trips, kRoundTripLimit) << proxy.spoken();
  EXPECT_EQ(many.round_trips, few.round_trips);
  EXPECT_LE(std::abs(static_cast<std::int64_t>(many.to_server + many.to_client) -
                     static_cast<std::int64_t>(few.to_server + few.to_client)),
            kDigits);
}

}  // namespace
}  // namespace mailmirror::testing
