// A Maildir that holds the mail already: filled by another program, by hand, or by a mailmirror whose state was lost. Nothing is transferred
// twice, nothing doubled.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Adoption : public ::testing::Test {
 protected:
  Adoption() { world.device.account.port = proxy.port(); }

  /// What travels as a body or would be one twice.
  [[nodiscard]] ::testing::AssertionResult moves_no_body() {
    proxy.record();
    const auto run = world.device.once();
    if (run.code != 0) return ::testing::AssertionFailure() << run.err;
    if (says(proxy.spoken(), "APPEND|BODY.PEEK\\[\\]|EXPUNGE \\d")) return ::testing::AssertionFailure() << proxy.spoken() << run.err;
    return ::testing::AssertionSuccess();
  }
  [[nodiscard]] std::vector<fs::path> files() const { return world.maildir.files("INBOX"); }

  /// As another program would have stored it: its own name, the time of now.
  void store(const ProbeMessage& message, const std::string& unique) {
    world.maildir.create("INBOX");
    std::string bytes = message.bytes;
    bytes.erase(std::remove(bytes.begin(), bytes.end(), '\r'), bytes.end());
    write_file(world.maildir.folder("INBOX") / "cur" / (unique + ":2,"), bytes);
    fs::last_write_time(world.maildir.folder("INBOX") / "cur" / (unique + ":2,"), fs::file_time_type::clock::now() - std::chrono::hours(1));
  }

  World world;
  TcpProxy proxy{world.server.port()};
};

TEST_F(Adoption, FilledByOfflineImap_KeepsItsFilesAndMovesNoBody) {
  for (int n = 0; n < 3; ++n) world.probe.append("INBOX", "Message-ID: <same@example.org>\r\nSubject: same\r\n\r\nsame\r\n");
  world.fill("INBOX", 5);
  for (const auto& message : world.probe.fetch_all("INBOX"))
    store(message, "1700000000_" + std::to_string(message.uid) + ".77.host,U=" + std::to_string(message.uid) + ",FMD5=7e33429f656f1e6e9d79b29c3f82c57e");
  const auto before = files();
  EXPECT_TRUE(moves_no_body());
  EXPECT_EQ(files(), before);
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(8));
}

TEST_F(Adoption, FilledByHand_KeepsItsFilesAndMovesNoBody) {
  world.fill("INBOX", 6);
  for (const auto& message : world.probe.fetch_all("INBOX")) store(message, "1700000000.M" + std::to_string(message.uid) + "P1.elsewhere");
  const auto before = files();
  EXPECT_TRUE(moves_no_body());
  EXPECT_EQ(files(), before);
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(6));
}

TEST_F(Adoption, WithoutMessageIds_ToldByTheirBytes) {
  for (const auto* body : {"one", "two", "six"}) world.probe.append("INBOX", std::string("Subject: x\r\n\r\n") + body + "\r\n");
  for (const auto& message : world.probe.fetch_all("INBOX")) store(message, "1700000000.M" + std::to_string(message.uid) + "P1.elsewhere");
  const auto before = files();
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(files(), before);
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(3));
  EXPECT_TRUE(moves_no_body());
}

TEST_F(Adoption, EditedHere_IsAnotherMessage) {
  world.fill("INBOX", 1);
  auto message = world.probe.fetch_all("INBOX").front();
  message.bytes += "one line more\r\n";
  store(message, "1700000000.M1P1.elsewhere");
  EXPECT_TRUE(passes(world.device));
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(2));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_F(Adoption, StateLost_FilesKeepTheirNamesAndNoBodyMoves) {
  world.fill("INBOX", 6);
  world.probe.append("INBOX", "Subject: no id\r\n\r\nno id\r\n");
  ASSERT_TRUE(passes_and_same(world));
  set_letters(files().front(), "F");
  const auto before = files();
  fs::remove_all(world.device.state_folder());
  EXPECT_TRUE(moves_no_body());
  EXPECT_EQ(files(), before);
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_F(Adoption, StateDamaged_KeptAsideAndRebuilt) {
  world.fill("INBOX", 6);
  ASSERT_TRUE(passes_and_same(world));
  const auto before = files();
  const auto state = world.device.state_folder() / "work/state.mdb";
  write_file(state, "not a database any more");
  const auto run = world.device.once();
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(says(run.err, "damaged.*kept as")) << run.err;
  EXPECT_TRUE(fs::exists(state.string() + ".damaged-1"));
  EXPECT_EQ(files(), before);
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(6));
  EXPECT_TRUE(moves_no_body());
}

/// The real program fills the Maildir, both ways; then mailmirror takes over.
class AdoptionFromMbsync : public Adoption {
 protected:
  void SetUp() override {
    if (run({.arguments = {"/usr/bin/mbsync", "--version"}}).code != 0) GTEST_SKIP() << "mbsync isn't installed";
  }
  void mbsync() {
    const auto root = world.maildir.root();
    fs::create_directories(root);
    write_file(world.device.folder() / "mbsyncrc",
               "IMAPAccount a\nHost 127.0.0.1\nPort " + std::to_string(world.server.port()) +
                   "\nUser u1\nPass pw\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore there\nAccount a\n\nMaildirStore here\nSubFolders Verbatim\nPath " +
                   root.string() + "/\nInbox " + (root / "INBOX").string() +
                   "\n\nChannel c\nFar :there:\nNear :here:\nPatterns *\nCreate Both\nExpunge Both\nSyncState " + world.device.folder().string() +
                   "/mbsync-\n");
    const auto done = run({.arguments = {"/usr/bin/mbsync", "-c", (world.device.folder() / "mbsyncrc").string(), "-a"}});
    ASSERT_EQ(done.code, 0) << done;
  }
};

TEST_F(AdoptionFromMbsync, BothWays_KeepsItsFilesAndMovesNoBody) {
  world.fill("INBOX", 5);
  world.probe.add_flags("INBOX", 2, "\\Seen \\Flagged");
  world.fill("Archive", 2);
  mbsync();
  // Now mbsync marks what it uploads, too.
  world.maildir.deliver("INBOX", world.generator.file(Shape::plain), "S");
  mbsync();
  const auto before = files();
  ASSERT_THAT(before, SizeIs(6));
  EXPECT_THAT(read_file(before.front()) + read_file(before.back()), ::testing::HasSubstr("X-TUID: "));
  EXPECT_TRUE(moves_no_body());
  EXPECT_THAT(files(), SizeIs(6));
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(6));
  EXPECT_THAT(world.maildir.files("Archive"), SizeIs(2));
  // From here on it is a mirror as any other.
  world.probe.expunge("INBOX", 2);
  EXPECT_TRUE(passes(world.device));
  EXPECT_THAT(files(), SizeIs(5));
  EXPECT_THAT(attic_files(world.device), SizeIs(1));
}

TEST_F(AdoptionFromMbsync, WithoutMessageIds_NothingIsDoubled) {
  for (const auto* body : {"one", "two", "six"}) world.probe.append("INBOX", std::string("Subject: x\r\n\r\n") + body + "\r\n");
  mbsync();
  ASSERT_THAT(files(), SizeIs(3));
  EXPECT_TRUE(passes(world.device));
  EXPECT_THAT(files(), SizeIs(3));
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(3));
}

}  // namespace
}  // namespace mailmirror::testing
