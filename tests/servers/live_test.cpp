// The daemon at work: what changes on one side shows on the other by itself, whatever way the server tells of changes.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr Milliseconds kSoon{15'000};

enum class Push : std::uint8_t { notify, idle, poll };
std::string to_string(Push push) {
  return push == Push::notify ? "notify" : push == Push::idle ? "idle" : "poll";
}
std::ostream& operator<<(std::ostream& stream, Push push) {
  return stream << to_string(push);
}

Setting setting_for(Push push) {
  return {.profile = push == Push::notify ? Profile::everything : Profile::no_notify};
}

std::string settings_text(Push push) {
  if (push == Push::notify) return "";
  return std::string(push == Push::poll ? "idle = []\n" : "") + "poll_interval = \"1s\"\n";
}

/// Three messages in INBOX, mirrored, and the daemon runs.
class Live : public ::testing::TestWithParam<Push> {
 protected:
  Live() {
    world.device.account.more = settings_text(GetParam());
    world.device.account.port = proxy.port();
    uids = world.fill("INBOX", 3);
    daemon.emplace(world.device.start_daemon());
    EXPECT_TRUE(becomes_same(world.probe, world.device));
  }
  ::testing::AssertionResult settles() { return becomes_same(world.probe, world.device, kSoon); }
  std::size_t count_there(std::string_view mailbox) { return world.probe.status(mailbox).messages; }

  World world{setting_for(GetParam())};
  TcpProxy proxy{world.server.port()};
  std::vector<std::uint32_t> uids;
  std::optional<MirrorProcess> daemon;
};
INSTANTIATE_TEST_SUITE_P(By, Live, ::testing::Values(Push::notify, Push::idle, Push::poll),
                         [](const auto& test) { return to_string(test.param); });

TEST_P(Live, DeliveredThere_AppearsHere) {
  world.fill("INBOX", 1);
  EXPECT_TRUE(eventually(kSoon, [&] { return world.maildir.files("INBOX").size() == 4; })) << daemon->errors();
  world.fill("Archive", 1);
  EXPECT_TRUE(eventually(kSoon, [&] { return world.maildir.files("Archive").size() == 1; })) << daemon->errors();
  EXPECT_TRUE(settles());
}

TEST_P(Live, FlagsAndExpungeThere_AppearHere) {
  world.probe.add_flags("INBOX", uids[0], "\\Flagged");
  EXPECT_TRUE(settles());
  world.probe.expunge("INBOX", uids[1]);
  EXPECT_TRUE(settles());
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(2));
}

TEST_P(Live, AddedHere_AppearsThere) {
  world.maildir.deliver("INBOX", world.generator.file(Shape::plain), "S");
  EXPECT_TRUE(eventually(kSoon, [&] { return count_there("INBOX") == 4; })) << daemon->errors();
  EXPECT_TRUE(settles());
}

TEST_P(Live, MovedHere_MovedThereWithoutAnUpload) {
  proxy.record();
  move_to(world.file_of("INBOX", uids[1]), world.maildir.folder("Archive"));
  EXPECT_TRUE(eventually(kSoon, [&] { return count_there("Archive") == 1 && count_there("INBOX") == 2; })) << daemon->errors();
  EXPECT_TRUE(settles());
  EXPECT_FALSE(says(proxy.spoken(), "APPEND")) << proxy.spoken() << daemon->errors();
}

TEST_P(Live, MovedThere_MovesHere) {
  world.probe.move("INBOX", uids[1], "Archive");
  EXPECT_TRUE(settles()) << daemon->errors();
  EXPECT_THAT(world.maildir.files("Archive"), SizeIs(1));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(2));
}

TEST_P(Live, WrittenInPlaceHere_UploadedWholeAndOnce) {
  const std::string message = world.generator.file(Shape::multipart);
  const auto file = world.maildir.folder("INBOX") / "cur" / "slowly.written:2,";
  write_file(file, message.substr(0, message.size() / 2));
  std::this_thread::sleep_for(Milliseconds(700));
  write_file(file, message);
  EXPECT_TRUE(eventually(kSoon, [&] { return count_there("INBOX") == 4; })) << daemon->errors();
  EXPECT_TRUE(with_lf(world.probe.fetch_all("INBOX").back().bytes) == message) << "half of the file was uploaded";
}

TEST_P(Live, EditedInPlaceHere_IsAnotherMessage) {
  const auto file = world.file_of("INBOX", uids[0]);
  const auto edited = read_file(file) + "one line more\n";
  write_file(file, edited);
  const auto arrived = [&] {
    const auto all = world.probe.fetch_all("INBOX");
    return all.size() == 3 && with_lf(all.back().bytes) == edited;
  };
  EXPECT_TRUE(eventually(kSoon, arrived)) << daemon->errors();
  EXPECT_TRUE(settles());
}

TEST_P(Live, FlagSetHere_AppearsThere) {
  set_letters(world.file_of("INBOX", uids[0]), "RS");
  EXPECT_TRUE(eventually(kSoon, [&] { return world.probe.fetch_all("INBOX")[0].flags.size() == 2; })) << daemon->errors();
  EXPECT_THAT(world.probe.fetch_all("INBOX")[0].flags, ElementsAre("\\Answered", "\\Seen"));
}

TEST_P(Live, RemovedHere_ExpungedThere) {
  fs::remove(world.file_of("INBOX", uids[2]));
  EXPECT_TRUE(eventually(kSoon, [&] { return count_there("INBOX") == 2; })) << daemon->errors();
  EXPECT_TRUE(settles());
}

TEST_P(Live, MovedHere_MovedThere) {
  move_to(world.file_of("INBOX", uids[0]), world.maildir.folder("Archive"));
  EXPECT_TRUE(eventually(kSoon, [&] { return count_there("Archive") == 1 && count_there("INBOX") == 2; })) << daemon->errors();
  EXPECT_TRUE(settles());
}

TEST_P(Live, NewMailboxes_AppearOnTheOtherSide) {
  world.probe.create("From there/nested");
  world.maildir.create("From here");
  EXPECT_TRUE(settles()) << daemon->errors();
  world.fill("From there/nested", 1);
  world.maildir.deliver("From here", world.generator.file(Shape::plain));
  EXPECT_TRUE(settles()) << daemon->errors();
  EXPECT_EQ(count_there("From here"), 1U);
}

TEST_P(Live, LineCut_ComesBackAndMissesNothing) {
  proxy.cut_all();
  world.fill("INBOX", 2);
  world.maildir.deliver("INBOX", world.generator.file(Shape::plain));
  EXPECT_TRUE(eventually(Milliseconds(20'000), [&] {
    return world.maildir.files("INBOX").size() == 6 && count_there("INBOX") == 6;
  })) << daemon->errors();
  EXPECT_TRUE(settles());
}

TEST_P(Live, Terminated_EndsCleanly) {
  EXPECT_EQ(daemon->stop(), 0) << daemon->errors();
}

TEST(LiveServer, RestartedServer_ComesBackByItself) {
  World world;
  auto daemon = world.device.start_daemon();
  world.server.stop();
  world.server.start();
  ImapProbe probe(world.server.port(), "u1");
  probe.append("INBOX", world.generator.wire(Shape::plain));
  EXPECT_TRUE(becomes_same(probe, world.device, Milliseconds(30'000))) << daemon.errors();
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(1));
}

/// Of the server's two connections a user the second device has one.
TEST(LiveWithOneConnection, ServerThatRefusesMore_IsMirroredAllTheSame) {
  DovecotServer server({.more = "mail_max_userip_connections = 2\n"});
  ImapProbe probe(server.port(), "u1");
  Device device({.port = server.port(), .more = "poll_interval = \"30s\"\n"});
  MessageGenerator generator(7);
  probe.append("INBOX", generator.wire(Shape::plain));
  auto daemon = device.start_daemon();
  EXPECT_TRUE(becomes_same(probe, device, kSoon)) << daemon.errors();
  // The first one may find the daemon still at learning that one connection is all.
  for (int n = 0; n < 3; ++n) {
    probe.append("INBOX", generator.wire(Shape::plain));
    device.maildir().deliver("INBOX", generator.file(Shape::plain), "S");
    EXPECT_TRUE(becomes_same(probe, device, Milliseconds(25'000))) << daemon.errors();
  }
  EXPECT_TRUE(says(daemon.errors(), "takes no more than 1 connection")) << daemon.errors();
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace mailmirror::testing
