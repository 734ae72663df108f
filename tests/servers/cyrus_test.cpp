// The programs against the second implementation, Cyrus: without TLS, and with both kinds of it, where the line is compressed, too.
#include "tests/servers/world.hpp"
#include "tests/support/cyrus_server.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

constexpr Milliseconds kSoon{15'000};

/// A name of loopback that the daemon doesn't take for this machine: it compresses.
constexpr const char* kElsewhere = "127.1";

/// What Cyrus allows of the names that tempt a program to do something wrong.
constexpr const char* kNames[] = {"Lists/Deep/Deeper", "Entwürfe", "台北", "a & b", "Ärger/nächstes", "new", "-dash"};

class Cyrus : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!CyrusServer::available()) GTEST_SKIP() << CyrusServer::kHowToGetIt;
    world.emplace(GetParam());
  }

  struct World {
    explicit World(const std::string& tls) : device(account_for(tls)) {
      server.emplace(CyrusOptions{.host = kElsewhere});
      device.account.port = tls == "implicit" ? server->tls_port() : server->port();
      if (tls != "none") device.account.more += "ca_file = \"" + server->ca_file().string() + "\"\n";
      probe.emplace(server->port(), "u1");
    }
    static AccountConfig account_for(const std::string& tls) {
      AccountConfig account;
      account.tls = tls;
      if (tls != "none") account.host = kElsewhere;
      return account;
    }

    std::optional<CyrusServer> server;
    std::optional<ImapProbe> probe;
    Device device;
    LocalMaildir maildir = device.maildir();
    MessageGenerator generator{20260202};
  };

  std::vector<std::uint32_t> fill(std::string_view mailbox, int count) {
    std::vector<std::uint32_t> uids;
    for (int i = 0; i < count; ++i) uids.push_back(probe().append(mailbox, world->generator.wire(Shape::plain)));
    return uids;
  }
  fs::path file_of(std::uint32_t uid) {
    for (const auto& message : probe().fetch_all("INBOX"))
      for (const auto& local : world->maildir.messages("INBOX"))
        if (message.uid == uid && local.bytes == with_lf(message.bytes)) return local.file;
    throw HarnessError("no file of UID " + std::to_string(uid));
  }
  void copy_first(const std::string& mailbox) {
    probe().command("SELECT INBOX");
    probe().command("UID COPY 1 " + mailbox);
  }
  fs::path file_with(const std::string& mailbox, const std::string& wire) {
    for (const auto& local : world->maildir.messages(mailbox))
      if (local.bytes == with_lf(wire)) return local.file;
    throw HarnessError("no such file in " + mailbox);
  }
  std::set<std::string> flags_of(std::uint32_t uid) {
    for (const auto& message : probe().fetch_all("INBOX"))
      if (message.uid == uid) return message.flags;
    return {"(no such message)"};
  }
  ImapProbe& probe() { return *world->probe; }
  Device& device() { return world->device; }
  ::testing::AssertionResult passes_and_same() {
    const auto passed = passes(device());
    return passed ? same_on_both_sides(probe(), device()) : passed;
  }

  std::optional<World> world;
};
INSTANTIATE_TEST_SUITE_P(Over, Cyrus, ::testing::Values("none", "implicit", "starttls"),
                         [](const auto& test) { return std::string(test.param); });

/// Without TLS only loopback is allowed, which isn't compressed.
class CyrusOverTls : public Cyrus {};
INSTANTIATE_TEST_SUITE_P(Over, CyrusOverTls, ::testing::Values("implicit", "starttls"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(CyrusOverTls, LineThatIsntLoopback_IsCompressed) {
  probe().append("INBOX", world->generator.wire(Shape::large));
  EXPECT_TRUE(passes_and_same());
  EXPECT_THAT(world->server->spoken(), HasSubstr("OK DEFLATE active"));
}

TEST_P(Cyrus, FirstMirror_EveryShapeAndFlagArrives) {
  const std::vector<std::set<std::string>> flags{
      {}, {"\\Seen"}, {"\\Answered", "\\Flagged"}, {"\\Draft", "\\Seen"}, {"$Forwarded", "project-x"}, {"\\Deleted"}};
  std::time_t date = 900'000'000;
  std::size_t number = 0;
  for (const char* mailbox : {"INBOX", "Archive"})
    for (const auto shape : kAllShapes)
      // Cyrus refuses malformed headers.
      if (shape != Shape::odd_headers)
        probe().append(mailbox, world->generator.wire(shape), flags[number++ % flags.size()], date += 86'399);
  EXPECT_TRUE(passes_and_same());
  EXPECT_THAT(world->maildir.mailboxes(), IsSupersetOf({"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}));
}

TEST_P(Cyrus, MailboxesOfBothSides_NestedAndNonAscii) {
  for (const char* name : kNames) {
    probe().create(name);
    probe().append(name, world->generator.wire(Shape::plain));
  }
  world->maildir.create("Von hier/Größe");
  world->maildir.deliver("Von hier/Größe", world->generator.file(Shape::eight_bit));
  EXPECT_TRUE(passes(device()));
  // Cyrus makes the level above, too, and only tells so when asked again.
  EXPECT_TRUE(passes_and_same());
  EXPECT_THAT(probe().mailboxes(), Contains("Von hier/Größe"));
}

/// EMAILID (RFC 8474): one message under several names.
TEST_P(Cyrus, MessageInSeveralMailboxes_IsDownloadedOnceAndLinked) {
  const auto wire = world->generator.wire(Shape::large);
  probe().append("INBOX", wire, {}, 1'500'000'000);
  fill("INBOX", 1);
  probe().create("Work");
  for (const char* mailbox : {"Archive", "Work"}) copy_first(mailbox);
  EXPECT_TRUE(passes_and_same());
  EXPECT_EQ(fs::hard_link_count(file_with("INBOX", wire)), 3U);
  // In a later pass, too.
  probe().create("Later");
  copy_first("Later");
  EXPECT_TRUE(passes_and_same());
  EXPECT_EQ(fs::hard_link_count(file_with("Later", wire)), 4U);
  // Each name goes by itself.
  probe().expunge("Archive", 1);
  fs::remove(file_with("Work", wire));
  EXPECT_TRUE(passes_and_same());
  EXPECT_EQ(fs::hard_link_count(file_with("INBOX", wire)), 2U);
  EXPECT_EQ(probe().status("Work").messages, 0U);
}

TEST_P(Cyrus, ChangesOnBothSides_OnePassIsEnough) {
  const auto uids = fill("INBOX", 6);
  ASSERT_TRUE(passes(device()));
  fill("INBOX", 2);
  world->maildir.deliver("INBOX", world->generator.file(Shape::no_final_newline), "F");
  probe().add_flags("INBOX", uids[0], "\\Seen keyword");
  set_letters(file_of(uids[0]), "R");
  set_letters(file_of(uids[1]), "S");
  fs::remove(file_of(uids[2]));
  probe().expunge("INBOX", uids[3]);
  EXPECT_TRUE(passes_and_same());
  EXPECT_THAT(flags_of(uids[0]), ElementsAre("\\Answered", "\\Seen", "keyword"));
  EXPECT_THAT(flags_of(uids[1]), ElementsAre("\\Seen"));
  EXPECT_THAT(probe().fetch_all("INBOX"), SizeIs(7));
  EXPECT_THAT(attic_files(device()), SizeIs(1));
}

TEST_P(Cyrus, ExpungedAtTheTop_Noticed) {
  const auto uids = fill("INBOX", 4);
  ASSERT_TRUE(passes(device()));
  probe().expunge("INBOX", uids[3]);
  EXPECT_TRUE(passes_and_same());
  EXPECT_THAT(world->maildir.files("INBOX"), SizeIs(3));
  for (const std::size_t left : {0U, 1U, 2U}) probe().expunge("INBOX", uids[left]);
  EXPECT_TRUE(passes_and_same());
  EXPECT_THAT(world->maildir.files("INBOX"), SizeIs(0));
}

TEST_P(Cyrus, SecondPass_TouchesNothing) {
  fill("INBOX", 3);
  world->maildir.create("Local");
  world->maildir.deliver("Local", world->generator.file(Shape::plain), "S");
  ASSERT_TRUE(passes_and_same());
  const auto here = snapshot(world->maildir.root());
  const auto there = server_snapshot(probe());
  EXPECT_TRUE(passes(device()));
  EXPECT_EQ(snapshot(world->maildir.root()), here);
  EXPECT_EQ(server_snapshot(probe()), there);
}

TEST_P(Cyrus, DaemonAtWork_ShowsEachSideTheOther) {
  const auto uids = fill("INBOX", 3);
  device().account.more += "poll_interval = \"2s\"\n";
  auto daemon = device().start_daemon();
  EXPECT_TRUE(becomes_same(probe(), device(), kSoon)) << daemon.errors();
  fill("INBOX", 1);
  EXPECT_TRUE(eventually(kSoon, [&] { return world->maildir.files("INBOX").size() == 4; })) << daemon.errors();
  probe().add_flags("INBOX", uids[0], "\\Flagged");
  EXPECT_TRUE(becomes_same(probe(), device(), kSoon)) << daemon.errors();
  probe().expunge("INBOX", uids[1]);
  EXPECT_TRUE(eventually(kSoon, [&] { return world->maildir.files("INBOX").size() == 3; })) << daemon.errors();
  world->maildir.deliver("INBOX", world->generator.file(Shape::plain), "S");
  EXPECT_TRUE(eventually(kSoon, [&] { return probe().status("INBOX").messages == 4; })) << daemon.errors();
  fs::remove(file_of(uids[2]));
  EXPECT_TRUE(eventually(kSoon, [&] { return probe().status("INBOX").messages == 3; })) << daemon.errors();
  fill("Archive", 1);
  EXPECT_TRUE(becomes_same(probe(), device(), kSoon)) << daemon.errors();
  EXPECT_EQ(daemon.stop(), 0) << daemon.errors();
}

/// STATUS (MAILBOXID) of Cyrus 3.6.1 sends whatever stands in memory that it has freed, which may break the response: it isn't asked.
TEST_P(Cyrus, GarbageForMailboxIds_SpoilsNoPass) {
  fill("INBOX", 1);
  for (int pass = 0; pass < 10; ++pass) EXPECT_TRUE(passes_and_same());
}

/// IDLE alone: the next poll is far away.
TEST_P(Cyrus, DeliveredThere_IsPushed) {
  fill("INBOX", 1);
  device().account.more += "poll_interval = \"1h\"\n";
  auto daemon = device().start_daemon();
  ASSERT_TRUE(becomes_same(probe(), device(), kSoon)) << daemon.errors();
  // Until the watcher listens: what comes before its SELECT, a pass would find.
  ASSERT_TRUE(eventually(kSoon, [&] { return world->server->spoken().find(" IDLE") != std::string::npos; })) << daemon.errors();
  fill("INBOX", 1);
  EXPECT_TRUE(eventually(Milliseconds(5'000), [&] { return world->maildir.files("INBOX").size() == 2; })) << daemon.errors();
}

}  // namespace
}  // namespace mailmirror::testing
