// A message of 200 MiB passes through in pieces: the daemon's memory hardly grows.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::SizeIs;

constexpr std::size_t kHuge = 200U << 20;
constexpr long kGrowthKib = 16L << 10;
constexpr Milliseconds kLong{90'000};

TEST(Memory, HugeMessageThere_ArrivesInLittleMemory) {
  World world;
  world.fill("INBOX", 1);
  auto daemon = world.device.start_daemon();
  ASSERT_TRUE(becomes_same(world.probe, world.device)) << daemon.errors();
  const long idle = daemon.process().peak_memory_kib();
  const std::string message = world.generator.file_of_size(kHuge);
  world.probe.append("INBOX", with_crlf(message), {"\\Seen"});
  EXPECT_TRUE(eventually(kLong, [&] { return world.maildir.files("INBOX").size() == 2; })) << daemon.errors();
  const long peak = daemon.process().peak_memory_kib();
  ASSERT_GT(idle, 0);
  EXPECT_LE(peak - idle, kGrowthKib) << "from " << idle << " to " << peak << " KiB";
  // Not by EXPECT_EQ, which would show both.
  EXPECT_TRUE(read_file(world.maildir.files("INBOX").at(0)) == message || read_file(world.maildir.files("INBOX").at(1)) == message);
}

TEST(Memory, HugeMessageHere_LeavesInLittleMemory) {
  World world;
  world.fill("INBOX", 1);
  auto daemon = world.device.start_daemon();
  ASSERT_TRUE(becomes_same(world.probe, world.device)) << daemon.errors();
  const long idle = daemon.process().peak_memory_kib();
  const std::string message = world.generator.file_of_size(kHuge);
  world.maildir.deliver("INBOX", message, "S");
  EXPECT_TRUE(eventually(kLong, [&] { return world.probe.status("INBOX").messages == 2; })) << daemon.errors();
  const long peak = daemon.process().peak_memory_kib();
  ASSERT_GT(idle, 0);
  EXPECT_LE(peak - idle, kGrowthKib) << "from " << idle << " to " << peak << " KiB";
  EXPECT_TRUE(with_lf(world.probe.fetch_all("INBOX").at(1).bytes) == message);
}

}  // namespace
}  // namespace mailmirror::testing
