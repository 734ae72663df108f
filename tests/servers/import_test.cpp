// The other programs fill a Maildir, for real; then mailmirror takes over: the same files, and not one body on the wire.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace mailmirror::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kMbsync = "/usr/bin/mbsync";
constexpr const char* kOfflineImap = "/usr/bin/offlineimap";

/// A home directory with another program's configuration; ours is made by the import.
class Import : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path home() const { return home_.path(); }
  [[nodiscard]] fs::path mail() const { return home() / "Mail"; }
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"HOME", home().string()},
            {"XDG_RUNTIME_DIR", (home() / "run").string()},
            {"PATH", fs::path(MAILMIRROR_DAEMON_PATH).parent_path().string() + ":/usr/bin:/bin"}};
  }
  [[nodiscard]] RunResult run_here(std::vector<std::string> arguments) const {
    return run({.arguments = std::move(arguments), .environment = environment()});
  }

  void mbsync() {
    const auto done = run_here({kMbsync, "-a"});
    ASSERT_EQ(done.code, 0) << done;
  }
  void offlineimap() {
    const auto done = run_here({kOfflineImap, "-o", "-u", "quiet"});
    ASSERT_EQ(done.code, 0) << done;
  }
  [[nodiscard]] RunResult import(const std::string& program) const { return run_here({MAILMIRROR_CLI_PATH, "import", program}); }
  [[nodiscard]] RunResult once() const { return run_here({MAILMIRROR_DAEMON_PATH, "--once"}); }

  void fill() {
    for (const char* mailbox : {"Lists", "Lists/Deep", "Entw\xc3\xbcrfe"}) world.probe.create(mailbox);
    world.fill("INBOX", 5);
    world.fill("Archive", 2);
    world.fill("Lists/Deep", 3);
    world.fill("Entw\xc3\xbcrfe", 1);
    world.probe.add_flags("INBOX", 2, "\\Seen \\Flagged");
  }
  [[nodiscard]] std::size_t messages_there() {
    std::size_t sum = 0;
    for (const auto& mailbox : world.probe.mailboxes()) sum += world.probe.fetch_all(mailbox).size();
    return sum;
  }
  /// Every message file, whatever the layout.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(mail())) {
      const auto parent = entry.path().parent_path().filename();
      if (entry.is_regular_file() && (parent == "cur" || parent == "new") && entry.path().filename().string().front() != '.')
        all.push_back(entry.path().string());
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  /// One pass that carries no body in either direction, and another one that has nothing to do.
  ::testing::AssertionResult adopts() {
    const auto before = files();
    const auto there = messages_there();
    proxy.record();
    const auto first = once();
    if (first.code != 0) return ::testing::AssertionFailure() << first;
    if (says(proxy.spoken(), "APPEND|BODY.PEEK\\[\\]|BINARY|EXPUNGE|CREATE|DELETE|STORE"))
      return ::testing::AssertionFailure() << proxy.spoken() << first;
    if (files() != before)
      return ::testing::AssertionFailure() << "files changed: " << ::testing::PrintToString(files()) << " were "
                                           << ::testing::PrintToString(before);
    if (messages_there() != there) return ::testing::AssertionFailure() << "the server holds other messages";
    const auto local = snapshot(mail());
    const auto remote = server_snapshot(world.probe);
    const auto second = once();
    if (second.code != 0) return ::testing::AssertionFailure() << second;
    if (snapshot(mail()) != local || server_snapshot(world.probe) != remote)
      return ::testing::AssertionFailure() << "a second pass changed something";
    return ::testing::AssertionSuccess();
  }

  /// What either side did since the other program's last run arrives by the first pass.
  void changes_on_both_sides_arrive(const fs::path& inbox) {
    world.probe.expunge("INBOX", 1);
    world.fill("Archive", 1);
    write_file(inbox / "cur/1700000000.1.elsewhere:2,S", world.generator.file(Shape::plain));
    fs::last_write_time(inbox / "cur/1700000000.1.elsewhere:2,S", fs::file_time_type::clock::now() - std::chrono::hours(1));
    const auto here = files().size(), there = messages_there();
    const auto pass = once();
    ASSERT_EQ(pass.code, 0) << pass;
    EXPECT_EQ(messages_there(), there + 1);
    EXPECT_EQ(files().size(), messages_there());
    // One went, one came.
    EXPECT_EQ(files().size(), here);
  }

  World world;
  TcpProxy proxy{world.server.port()};
  TempFolder home_;
};

class FromMbsync : public Import {
 protected:
  void SetUp() override {
    if (!fs::exists(kMbsync)) GTEST_SKIP() << "mbsync isn't installed; contrib/install-packages --tests does it";
  }
  void configure(const std::string& store, const std::string& patterns = "*") const {
    fs::create_directories(mail());
    write_file(
        home() / ".mbsyncrc",
        "Create Both\nExpunge Both\nSyncState *\n\nIMAPAccount a\nHost 127.0.0.1\nPort " + std::to_string(proxy.port()) +
            "\nUser u1\nPassCmd \"echo pw\"\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore there\nAccount a\n\nMaildirStore here\n" +
            store + "\nChannel c\nFar :there:\nNear :here:\nPatterns " + patterns + "\n");
  }
  void import_and_adopt() {
    const auto taken = import("mbsync");
    ASSERT_EQ(taken.code, 0) << taken;
    EXPECT_THAT(taken.out, Not(HasSubstr("NOT TAKEN OVER"))) << taken;
    EXPECT_TRUE(adopts());
  }
};

TEST_F(FromMbsync, Verbatim_WithAnInboxOfItsOwnSpelling) {
  configure("SubFolders Verbatim\nPath ~/Mail/\nInbox ~/Mail/Inbox\n", "INBOX *");
  fill();
  mbsync();
  ASSERT_THAT(files(), SizeIs(11));
  ASSERT_TRUE(fs::exists(mail() / "Entw&APw-rfe/cur"));
  import_and_adopt();
  changes_on_both_sides_arrive(mail() / "Inbox");
}

TEST_F(FromMbsync, MaildirPlusPlus) {
  configure("SubFolders Maildir++\nInbox ~/Mail/\n", "INBOX *");
  fill();
  mbsync();
  ASSERT_THAT(files(), SizeIs(11));
  import_and_adopt();
  changes_on_both_sides_arrive(mail());
}

TEST_F(FromMbsync, Flattened) {
  configure("Flatten .\nPath ~/Mail/\nInbox ~/Mail/inbox\n", "INBOX *");
  fill();
  mbsync();
  ASSERT_THAT(files(), SizeIs(11));
  ASSERT_TRUE(fs::exists(mail() / "Lists.Deep/cur"));
  import_and_adopt();
  changes_on_both_sides_arrive(mail() / "inbox");

  // Mailboxes get other names on either side, and come anew: the layout stays what it is, and no body moves.
  world.probe.rename("Lists", "Post");
  world.probe.create("Made/There");
  const auto said = proxy.spoken().size();
  ASSERT_EQ(once().code, 0);
  EXPECT_TRUE(fs::exists(mail() / "Post.Deep/cur"));
  EXPECT_FALSE(fs::exists(mail() / "Lists.Deep"));
  EXPECT_TRUE(fs::exists(mail() / "Made.There/cur"));
  fs::rename(mail() / "Post.Deep", mail() / "Post.Tief");
  ASSERT_EQ(once().code, 0);
  EXPECT_THAT(world.probe.mailboxes(), ::testing::Contains("Post/Tief"));
  EXPECT_THAT(world.probe.fetch_all("Post/Tief"), SizeIs(3));
  EXPECT_FALSE(says(proxy.spoken().substr(said), "APPEND|BODY.PEEK\\[\\]")) << proxy.spoken().substr(said);
}

TEST_F(FromMbsync, FilledInBothDirections_AndSomeMailboxesOnly) {
  configure("SubFolders Verbatim\nPath ~/Mail/\nInbox ~/Mail/INBOX\n", "INBOX % !Archive");
  fill();
  mbsync();
  write_file(mail() / "INBOX/new/1700000000.1.elsewhere", world.generator.file(Shape::plain));
  mbsync();
  ASSERT_TRUE(fs::exists(mail() / "INBOX/cur"));
  ASSERT_FALSE(fs::exists(mail() / "Archive/cur"));
  import_and_adopt();
  EXPECT_FALSE(fs::exists(mail() / "Archive/cur"));
  EXPECT_FALSE(fs::exists(mail() / "Lists/Deep/cur"));
}

/// mbsync leaves "INBOX." out of its names, and so out of the directories'.
class FromMbsyncOnCourier : public FromMbsync {
 protected:
  DovecotServer server_{{.separator = '.', .more = "namespace inbox {\n  prefix = INBOX.\n}\n"}};
  ImapProbe probe_{server_.port(), "u1"};
};

TEST_F(FromMbsyncOnCourier, NamespaceOfTheServer_IsToldWithTheMovesThatMend) {
  fs::create_directories(mail());
  configure("SubFolders Verbatim\nPath ~/Mail/\nInbox ~/Mail/INBOX\n", "INBOX Archive Sent");
  auto settings = read_file(home() / ".mbsyncrc");
  settings.replace(settings.find(std::to_string(proxy.port())), std::to_string(proxy.port()).size(),
                   std::to_string(server_.port()));
  write_file(home() / ".mbsyncrc", settings);
  probe_.append("INBOX", with_crlf(world.generator.file(Shape::plain)));
  probe_.append("INBOX.Archive", with_crlf(world.generator.file(Shape::plain)));
  mbsync();
  ASSERT_TRUE(fs::exists(mail() / "Archive/cur"));
  const auto refused = import("mbsync");
  EXPECT_EQ(refused.code, 1) << refused;
  std::istringstream lines(refused.out);
  int moves = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("Run ");
    if (at == std::string::npos) continue;
    ++moves;
    const auto moved = run_here({"/bin/sh", "-c", line.substr(at + 4, line.find(", and import again") - at - 4)});
    EXPECT_EQ(moved.code, 0) << moved;
  }
  EXPECT_EQ(moves, 2) << refused;
  const auto taken = import("mbsync");
  ASSERT_EQ(taken.code, 0) << taken;
  const auto before = files();
  const auto pass = once();
  EXPECT_EQ(pass.code, 0) << pass;
  EXPECT_EQ(files(), before);
  EXPECT_THAT(probe_.fetch_all("INBOX.Archive"), SizeIs(1));
}

/// Its bytes are the only proof, so that they are compared; nothing is stored anew or uploaded.
TEST_F(FromMbsync, MessageWithoutId_IsComparedAndKeepsItsFile) {
  configure("SubFolders Verbatim\nPath ~/Mail/\nInbox ~/Mail/INBOX\n", "INBOX");
  world.fill("INBOX", 3);
  world.probe.append("INBOX", "Subject: no id\r\n\r\nno id\r\n");
  mbsync();
  const auto before = files();
  ASSERT_EQ(import("mbsync").code, 0);
  const auto pass = once();
  EXPECT_EQ(pass.code, 0) << pass;
  EXPECT_EQ(files(), before);
  EXPECT_THAT(world.probe.fetch_all("INBOX"), SizeIs(4));
  EXPECT_TRUE(adopts());
}

class FromOfflineImap : public Import {
 protected:
  void SetUp() override {
    if (!fs::exists(kOfflineImap)) GTEST_SKIP() << "offlineimap isn't installed; contrib/install-packages --tests does it";
  }
  void configure(const std::string& local, const std::string& account = "") const {
    fs::create_directories(home() / ".config");
    write_file(home() / ".offlineimaprc",
               "[general]\naccounts = Work\nmetadata = ~/.offlineimap\n\n[Account Work]\nlocalrepository = Here\nremoterepository "
               "= There\n" +
                   account + "\n[Repository Here]\ntype = Maildir\nlocalfolders = ~/Mail\n" + local +
                   "\n[Repository There]\ntype = IMAP\nremotehost = 127.0.0.1\nremoteport = " + std::to_string(proxy.port()) +
                   "\nremoteuser = u1\nremotepasseval = 'pw'\nssl = no\nstarttls = no\nauth_mechanisms = LOGIN\n");
  }
  void import_and_adopt() {
    const auto taken = import("offlineimap");
    ASSERT_EQ(taken.code, 0) << taken;
    EXPECT_TRUE(adopts());
  }
};

TEST_F(FromOfflineImap, DefaultSeparator) {
  configure("");
  fill();
  offlineimap();
  ASSERT_THAT(files(), SizeIs(11));
  ASSERT_TRUE(fs::exists(mail() / "Lists.Deep/cur"));
  import_and_adopt();
  changes_on_both_sides_arrive(mail() / "INBOX");
}

TEST_F(FromOfflineImap, NestedFolders_NamesInUtf8) {
  configure("sep = /\n", "utf8foldernames = yes\n");
  fill();
  offlineimap();
  ASSERT_THAT(files(), SizeIs(11));
  ASSERT_TRUE(fs::exists(mail() / "Entw\xc3\xbcrfe/cur"));
  import_and_adopt();
  changes_on_both_sides_arrive(mail() / "INBOX");
}

}  // namespace
}  // namespace mailmirror::testing
