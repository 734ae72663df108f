// What a service manager hears (sd_notify(3)), on a socket of the test's own.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace mailmirror::testing {
namespace {

using ::testing::HasSubstr;

constexpr Milliseconds kSoon{15'000};

class Service : public ::testing::Test {
 protected:
  Service() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const auto path = (world.device.folder() / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (socket_ < 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw HarnessError("no notify socket");
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Service() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }

  /// All datagrams so far, one a line.
  const std::string& heard() {
    std::array<char, 512> bytes{};
    for (ssize_t count = 0; (count = ::recv(socket_, bytes.data(), bytes.size(), 0)) > 0;)
      heard_ += "[" + std::string(bytes.data(), static_cast<std::size_t>(count)) + "]";
    return heard_;
  }
  bool hears(const std::string& text, std::size_t times = 1) {
    return eventually(kSoon, [&] {
      std::size_t found = 0;
      const auto& all = heard();
      for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) ++found;
      return found >= times;
    });
  }

  World world;
  std::string heard_;
  int socket_;
};

TEST_F(Service, StartAndStop_AreTold) {
  auto daemon = world.device.start_daemon();
  EXPECT_TRUE(hears("READY=1\nSTATUS=mirroring 1 account(s)")) << heard();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait_for(kSoon), 0) << daemon.errors();
  EXPECT_TRUE(hears("STOPPING=1")) << heard();
}

TEST_F(Service, HangupRightAfterReady_Reloads) {
  MirrorProcess daemon = world.device.start({});
  ASSERT_TRUE(hears("READY=1")) << heard();
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(hears("RELOADING=1\nMONOTONIC_USEC=")) << heard();
  EXPECT_TRUE(hears("READY=1", 2)) << heard();
  EXPECT_TRUE(daemon.process().running());
}

TEST_F(Service, Watchdog_IsFedInTime) {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  auto daemon = world.device.start_daemon();
  EXPECT_TRUE(hears("WATCHDOG=1", 5)) << heard();
}

TEST_F(Service, WithoutAWatchdog_NothingIsFed) {
  auto daemon = world.device.start_daemon();
  ASSERT_TRUE(hears("READY=1"));
  ASSERT_TRUE(becomes_same(world.probe, world.device));
  EXPECT_THAT(heard(), ::testing::Not(HasSubstr("WATCHDOG=1")));
}

/// The line is slow, so that the first mirror is certainly under way.
TEST_F(Service, StoppedInAFirstMirror_EndsInTwoSecondsAndGoesOnWhereItWas) {
  world.fill("INBOX", 120);
  TcpProxy proxy(world.server.port());
  world.device.account.port = proxy.port();
  world.device.account.more = "compress = false\nconnections = 1\n";
  auto daemon = world.device.start_daemon();
  ASSERT_TRUE(eventually(kSoon, [&] { return !world.maildir.files("INBOX").empty(); })) << daemon.errors();
  daemon.process().signal(SIGTERM);
  ASSERT_TRUE(daemon.process().wait_for(Milliseconds(2'000))) << "still running: " << daemon.errors();
  const auto there = world.maildir.files("INBOX").size();
  proxy.record();
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
  // Of what was there nothing is asked for once more.
  if (there == 120) {
    EXPECT_FALSE(says(proxy.spoken(), "BODY.PEEK\\[\\]")) << proxy.spoken();
  }
}

}  // namespace
}  // namespace mailmirror::testing
