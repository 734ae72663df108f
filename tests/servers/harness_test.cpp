// The harness is itself under test: eyes that see nothing would make every other test here pass.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

#include <signal.h>

namespace mailmirror::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A Maildir with INBOX and one message, and what the server holds when both are equal.
struct OneMessage {
  OneMessage() {
    maildir.create("INBOX");
    file = maildir.deliver("INBOX", "Subject: a\n\nbody\n", "S", 1000);
    remote = {{1, {"\\Seen"}, 1000, "Subject: a\r\n\r\nbody\r\n"}};
  }
  [[nodiscard]] std::vector<std::string> compare() const { return compare_messages(remote, maildir.messages("INBOX")); }

  TempFolder folder;
  LocalMaildir maildir{folder.path(), Layout::nested};
  fs::path file;
  std::vector<ProbeMessage> remote;
};

TEST(CompareMessages, EqualMessages_NoDifference) {
  EXPECT_THAT(OneMessage().compare(), SizeIs(0));
}

TEST(CompareMessages, OneByteChanged_BothAreNamed) {
  OneMessage sides;
  sides.remote[0].bytes[14] = 'B';
  EXPECT_THAT(sides.compare(), ElementsAre(HasSubstr("only on the server"), HasSubstr("only here")));
}

TEST(CompareMessages, FlagMissing_IsNamed) {
  OneMessage sides;
  sides.remote[0].flags.clear();
  EXPECT_THAT(sides.compare(), ElementsAre(HasSubstr("flags () there, (\\Seen) here")));
}

TEST(CompareMessages, OtherDate_IsNamed) {
  OneMessage sides;
  sides.remote[0].internal_date = 1001;
  EXPECT_THAT(sides.compare(), ElementsAre(HasSubstr("INTERNALDATE 1001 there, mtime 1000 here")));
}

TEST(CompareMessages, TwiceOnTheServer_SecondIsNamed) {
  OneMessage sides;
  sides.remote.push_back(sides.remote[0]);
  EXPECT_THAT(sides.compare(), ElementsAre(HasSubstr("only on the server")));
}

TEST(CompareMessages, TwiceHere_SecondIsNamed) {
  OneMessage sides;
  sides.maildir.deliver("INBOX", "Subject: a\n\nbody\n", "S", 1000);
  EXPECT_THAT(sides.compare(), ElementsAre(HasSubstr("only here")));
}

TEST(CompareMessages, BareLineEndOnTheWire_FileMustHoldTheSameBytes) {
  OneMessage sides;
  sides.remote[0].bytes = "Subject: a\n\r\nbody\r\n";
  EXPECT_THAT(sides.compare(), SizeIs(2));
}

TEST(ModifiedUtf7, NamesOfEveryKind_ThereAndBack) {
  EXPECT_EQ(to_modified_utf7("Entwürfe"), "Entw&APw-rfe");
  EXPECT_EQ(to_modified_utf7("Q&A"), "Q&-A");
  EXPECT_EQ(to_modified_utf7("台北"), "&U,BTFw-");
  for (const char* name : {"INBOX", "Entwürfe", "Q&A", "~peter/mail/台北/日本語", "😀", "a\"b%c"})
    EXPECT_EQ(from_modified_utf7(to_modified_utf7(name)), name);
}

TEST(MessageGenerator, SameSeed_SameMessages) {
  MessageGenerator one(7);
  MessageGenerator two(7);
  MessageGenerator other(8);
  for (const auto shape : kAllShapes) {
    const auto message = one.file(shape);
    EXPECT_EQ(message, two.file(shape));
    EXPECT_NE(message, other.file(shape));
  }
}

class Server : public ::testing::TestWithParam<MailFormat> {};

TEST_P(Server, AppendedMessages_ComeBackAsTheyWere) {
  DovecotServer server({.format = GetParam()});
  ImapProbe probe(server.port(), "u1");
  MessageGenerator generator(1);
  std::vector<std::string> sent;
  for (const auto shape : kAllShapes) sent.push_back(generator.wire(shape));
  for (const auto& message : sent) probe.append("INBOX", message, {"\\Seen", "project"}, 1'234'567'890);
  const auto got = probe.fetch_all("INBOX");
  ASSERT_EQ(got.size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(got[i].bytes, sent[i]);
    EXPECT_THAT(got[i].flags, ElementsAre("\\Seen", "project"));
    EXPECT_EQ(got[i].internal_date, 1'234'567'890);
  }
}

TEST_P(Server, MailboxNames_ComeBackAsTheyWere) {
  DovecotServer server({.format = GetParam()});
  ImapProbe probe(server.port(), "u2");
  probe.create("Entwürfe/Zweite 100%");
  probe.create("with \"quotes\" & more");
  EXPECT_THAT(probe.mailboxes(), ::testing::IsSupersetOf({"INBOX", "Entwürfe/Zweite 100%", "with \"quotes\" & more"}));
}

INSTANTIATE_TEST_SUITE_P(Formats, Server, ::testing::Values(MailFormat::maildir, MailFormat::sdbox),
                         [](const auto& test) { return test.param == MailFormat::maildir ? "maildir" : "sdbox"; });

TEST(DovecotServer, StoppedAndStarted_KeepsItsMailAndPort) {
  DovecotServer server;
  const auto uid = ImapProbe(server.port(), "u1").append("INBOX", "Subject: a\r\n\r\n");
  server.stop();
  EXPECT_THROW(ImapProbe(server.port(), "u1"), HarnessError);
  server.start();
  const auto messages = ImapProbe(server.port(), "u1").fetch_all("INBOX");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].uid, uid);
}

TEST(DovecotServer, Killed_NobodyAnswersAndItStartsAgain) {
  DovecotServer server;
  server.kill();
  EXPECT_THROW(ImapProbe(server.port(), "u1"), HarnessError);
  server.start();
  EXPECT_NO_THROW(ImapProbe(server.port(), "u1"));
}

TEST(DovecotServer, WrongPassword_Refused) {
  DovecotServer server;
  EXPECT_THROW(ImapProbe(server.port(), "u1", "wrong"), HarnessError);
}

TEST(WorldSnapshots, LookingAlone_ChangesNothing) {
  World world;
  world.fill("INBOX", 3);
  world.maildir.create("INBOX");
  world.maildir.deliver("INBOX", "Subject: a\n\n");
  const auto server = server_snapshot(world.probe);
  const auto files = snapshot(world.maildir.root());
  EXPECT_FALSE(same_on_both_sides(world.probe, world.device));
  EXPECT_EQ(server_snapshot(world.probe), server);
  EXPECT_EQ(snapshot(world.maildir.root()), files);
}

TEST(WorldSnapshots, AnyWrite_Shows) {
  World world;
  const auto uids = world.fill("INBOX", 3);
  world.maildir.create("INBOX");
  const auto file = world.maildir.deliver("INBOX", "Subject: a\n\n");
  const auto server = server_snapshot(world.probe);
  const auto files = snapshot(world.maildir.root());
  world.probe.add_flags("INBOX", uids[0], "\\Seen");
  fs::permissions(file, fs::perms(0600));
  EXPECT_NE(server_snapshot(world.probe), server);
  EXPECT_NE(snapshot(world.maildir.root()), files);
}

TEST(WorldQuestions, LossAndDoubles_AreSeen) {
  World world;
  world.probe.append("INBOX", "Subject: a\r\n\r\n");
  EXPECT_TRUE(holds_exactly(world.probe, "INBOX", {"Subject: a\n\n"}));
  EXPECT_FALSE(holds_exactly(world.probe, "INBOX", {"Subject: a\n\n", "Subject: b\n\n"}));
  world.probe.append("INBOX", "Subject: a\r\n\r\n");
  EXPECT_FALSE(holds_exactly(world.probe, "INBOX", {"Subject: a\n\n"}));
}

TEST(WorldNames, OddNames_AreTakenByTheServer) {
  World world({.format = MailFormat::sdbox});
  for (const char* name : kOddNames) EXPECT_NO_THROW(world.probe.create(name)) << name;
  EXPECT_THAT(world.probe.mailboxes(), ::testing::IsSupersetOf(kOddNames));
}

class Profiles : public ::testing::TestWithParam<Profile> {};

TEST_P(Profiles, Capabilities_LackJustWhatTheProfileHides) {
  DovecotServer server({.profile = GetParam()});
  ImapProbe probe(server.port(), "u1");
  std::set<std::string> offered;
  const auto responses = probe.command("CAPABILITY");
  for (const auto& word : responses.at(0).items) offered.insert(word.text);
  EXPECT_EQ(offered.contains("QRESYNC"), GetParam() != Profile::no_qresync && GetParam() != Profile::no_condstore);
  EXPECT_EQ(offered.contains("CONDSTORE"), GetParam() != Profile::no_condstore);
  EXPECT_EQ(offered.contains("NOTIFY"), GetParam() != Profile::no_notify);
  EXPECT_EQ(offered.contains("UIDPLUS"), GetParam() != Profile::no_uidplus);
  EXPECT_EQ(offered.contains("MOVE"), GetParam() != Profile::no_uidplus);
  EXPECT_EQ(offered.contains("LIST-STATUS"), GetParam() != Profile::no_list_status);
  EXPECT_TRUE(offered.contains("COMPRESS=DEFLATE"));
}
INSTANTIATE_TEST_SUITE_P(All, Profiles, ::testing::ValuesIn(kAllProfiles), [](const auto& test) { return to_string(test.param); });

TEST(TcpProxy, Traffic_IsCounted) {
  DovecotServer server;
  TcpProxy proxy(server.port());
  proxy.set_latency(Milliseconds(5));
  ImapProbe probe(proxy.port(), "u1");
  const auto before = proxy.traffic();
  EXPECT_EQ(before.round_trips, 1U);
  EXPECT_EQ(before.to_server, std::string_view("p1 LOGIN \"u1\" \"pw\"\r\n").size());
  EXPECT_GT(before.to_client, 100U);
  probe.command("NOOP");
  EXPECT_EQ(proxy.traffic().round_trips, 2U);
}

TEST(TcpProxy, CutAfterBytes_EndsJustThatConnection) {
  DovecotServer server;
  TcpProxy proxy(server.port());
  proxy.cut_after({20});
  EXPECT_THROW(ImapProbe(proxy.port(), "u1"), HarnessError);
  EXPECT_EQ(proxy.traffic().to_client + proxy.traffic().to_server, 20U);
  EXPECT_EQ(proxy.cuts_left(), 0U);
  EXPECT_NO_THROW(ImapProbe(proxy.port(), "u1"));
}

TEST(TcpProxy, CutAllAndRefused_NothingPasses) {
  DovecotServer server;
  TcpProxy proxy(server.port());
  ImapProbe probe(proxy.port(), "u1");
  proxy.cut_all();
  EXPECT_THROW(probe.command("NOOP"), HarnessError);
  proxy.refuse();
  EXPECT_THROW(ImapProbe(proxy.port(), "u1"), HarnessError);
}

TEST(Subprocess, ExitCodesAndSignals_AreTold) {
  Subprocess fails({.arguments = {"/bin/sh", "-c", "exit 7"}});
  EXPECT_EQ(fails.wait_for(Milliseconds(5'000)), 7);
  Subprocess sleeps({.arguments = {"/bin/sleep", "60"}});
  EXPECT_TRUE(sleeps.running());
  sleeps.signal(SIGTERM);
  EXPECT_EQ(sleeps.wait_for(Milliseconds(5'000)), -SIGTERM);
}

}  // namespace
}  // namespace mailmirror::testing
