// Limits that the user sets on what may cross the line.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace mailmirror::testing {
namespace {

constexpr int kMessages = 40;
constexpr std::size_t kSize = 100'000;

TEST(DailyDownload, SpentInTheMiddle_StopsWithAWordAndGoesOnWhenThereIsMore) {
  World world;
  for (int n = 0; n < kMessages; ++n) world.probe.append("INBOX", std::string(kSize, 'x') + std::to_string(n) + "\r\n");
  // A slow line: some seconds for all of it.
  TcpProxy proxy(world.server.port());
  proxy.set_latency(Milliseconds(30));
  world.device.account.port = proxy.port();
  world.device.account.more = "daily_download = \"100K\"\nconnections = 1\n";
  EXPECT_TRUE(fails_saying(world.device, "today's 102400 bytes are used up.*daily_download"));
  const auto so_far = world.maildir.files("INBOX").size();
  EXPECT_TRUE(fails_saying(world.device, "midnight")) << "remembered over a restart";
  EXPECT_EQ(world.maildir.files("INBOX").size(), so_far) << "nothing more came";
  EXPECT_LT(so_far, static_cast<std::size_t>(kMessages));
  world.device.account.more = "daily_download = \"100M\"\n";
  EXPECT_TRUE(passes_and_same(world));
}

}  // namespace
}  // namespace mailmirror::testing
