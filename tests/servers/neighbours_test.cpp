// Other programs that work on the mirrored Maildir: mu, aerc, and a Dovecot of one's own. What they do arrives on the server.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <set>
#include <sstream>

namespace mailmirror::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Milliseconds kSoon{20'000};

std::string id_in(const std::string& bytes) {
  const auto at = bytes.find("Message-ID: <") + 13;
  return bytes.substr(at, bytes.find('>', at) - at);
}

/// Four messages in INBOX, mirrored; programs' own files go to `home`.
class Neighbour : public ::testing::Test {
 protected:
  void mirror() {
    for (int n = 0; n < 4; ++n) {
      messages.push_back(world.generator.file(Shape::plain));
      world.probe.append("INBOX", with_crlf(messages.back()));
    }
    ASSERT_TRUE(passes_and_same(world));
  }
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"HOME", home().string()}, {"XDG_CONFIG_HOME", (home() / ".config").string()}, {"TERM", "xterm"}, {"LANG", "C.UTF-8"}};
  }
  [[nodiscard]] fs::path home() const { return folder.path(); }

  /// The flags of one message, wherever it is; nothing else of it is looked at.
  std::set<std::string> flags_of(const std::string& mailbox, const std::string& bytes) {
    for (const auto& message : world.probe.fetch_all(mailbox))
      if (with_lf(message.bytes) == bytes) return message.flags;
    return {"missing"};
  }
  /// A pass, and both sides are equal; the server holds these in INBOX and Archive.
  void arrives(const std::vector<std::string>& inbox, const std::vector<std::string>& archive) {
    ASSERT_TRUE(passes_and_same(world));
    EXPECT_TRUE(holds_exactly(world.probe, "INBOX", inbox));
    EXPECT_TRUE(holds_exactly(world.probe, "Archive", archive));
  }

  World world;
  TempFolder folder;
  std::vector<std::string> messages;
};

class Mu : public Neighbour {
 protected:
  void SetUp() override {
    if (!fs::exists("/usr/bin/mu")) GTEST_SKIP() << "mu isn't installed; contrib/install-packages --tests does it";
    mirror();
  }
  [[nodiscard]] RunResult mu(std::vector<std::string> arguments, const fs::path& input = {}) const {
    arguments.insert(arguments.begin(), "/usr/bin/mu");
    arguments.push_back("--muhome=" + (home() / "mu").string());
    return run({.arguments = std::move(arguments), .environment = environment(), .input = input});
  }
  /// As mu4e speaks to it.
  std::string serve(const std::string& commands) const {
    write_file(home() / "commands", commands + "(quit)\n");
    const auto served = mu({"server"}, home() / "commands");
    EXPECT_EQ(served.code, 0) << served;
    EXPECT_THAT(served.out, Not(HasSubstr("(:error"))) << served;
    return served.out;
  }
};

TEST_F(Mu, FindsWhatIsMirrored_AndItsMovesFlagsAndDeletionsArrive) {
  ASSERT_EQ(mu({"init", "--quiet", "--maildir=" + world.maildir.root().string()}).code, 0);
  ASSERT_EQ(mu({"index", "--quiet"}).code, 0);
  for (const auto& message : messages) EXPECT_EQ(mu({"find", "msgid:" + id_in(message)}).code, 0);

  serve("(move :msgid \"" + id_in(messages[0]) + "\" :flags \"+S+F-N\")\n");
  serve("(move :msgid \"" + id_in(messages[1]) + "\" :maildir \"/Archive\" :flags \"+S-N\")\n");
  const auto seen = serve("(move :msgid \"" + id_in(messages[2]) + "\" :flags \"+S-N\")\n");
  const auto at = seen.find(":docid ");
  ASSERT_NE(at, std::string::npos) << seen;
  serve("(remove :docid " + std::to_string(std::stoi(seen.substr(at + 7))) + ")\n");

  arrives({messages[0], messages[3]}, {messages[1]});
  EXPECT_EQ(flags_of("INBOX", messages[0]), (std::set<std::string>{"\\Flagged", "\\Seen"}));
  EXPECT_EQ(flags_of("Archive", messages[1]), std::set<std::string>{"\\Seen"});

  // And the other way: what came meanwhile is found.
  world.probe.append("INBOX", "Message-ID: <later@example.org>\r\nSubject: later\r\n\r\nlater\r\n");
  ASSERT_TRUE(passes(world.device));
  ASSERT_EQ(mu({"index", "--quiet"}).code, 0);
  EXPECT_EQ(mu({"find", "msgid:later@example.org"}).code, 0);
}

/// A person at aerc, in a terminal of tmux's.
class Aerc : public Neighbour {
 protected:
  void SetUp() override {
    for (const char* program : {"/usr/bin/aerc", "/usr/bin/tmux"})
      if (!fs::exists(program)) GTEST_SKIP() << program << " isn't installed; contrib/install-packages --tests does it";
    mirror();
    const auto settings = home() / ".config/aerc";
    fs::create_directories(settings);
    write_file(settings / "accounts.conf", "[work]\nsource = maildir://" + world.maildir.root().string() +
                                               "\ndefault = INBOX\npostpone = Drafts\nfrom = Ada <ada@example.org>\n");
    fs::permissions(settings / "accounts.conf", fs::perms(0600));
    write_file(settings / "aerc.conf", "[compose]\neditor=sh -c 'echo written here >> \"$0\"'\n[ui]\nmouse-enabled=false\n");
    write_file(settings / "binds.conf", "[messages]\nq = :quit<Enter>\n");
    ASSERT_EQ(tmux({"-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "/usr/bin/aerc"}).code, 0);
    ASSERT_TRUE(eventually(
        kSoon, [this] { return screen().find("Archive") != std::string::npos; }, Milliseconds(50)))
        << screen();
  }
  void TearDown() override {
    if (fs::exists(socket())) static_cast<void>(tmux({"kill-server"}));
  }

  [[nodiscard]] fs::path socket() const { return home() / "tmux"; }
  [[nodiscard]] RunResult tmux(std::vector<std::string> arguments) const {
    std::vector<std::string> words{"/usr/bin/tmux", "-S", socket().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run({.arguments = std::move(words), .environment = environment()}, Milliseconds(10'000));
  }
  [[nodiscard]] std::string screen() const { return tmux({"capture-pane", "-p"}).out; }
  void type(const std::string& command) const { EXPECT_EQ(tmux({"send-keys", command, "Enter"}).code, 0); }
  static std::string subject_of(const std::string& bytes) {
    const auto at = bytes.find("Subject: ") + 9;
    return bytes.substr(at, bytes.find('\n', at) - at);
  }
  /// The rows that show messages, from the top.
  [[nodiscard]] std::vector<std::string> rows() const {
    std::vector<std::string> found;
    std::istringstream lines(screen());
    for (std::string line; std::getline(lines, line);)
      if (line.find("plain ") != std::string::npos) found.push_back(line);
    return found;
  }
  /// By its place in the list, once that shows as many messages as it should.
  void select(const std::string& bytes, std::size_t listed) const {
    wait_for([&] { return rows().size() == listed; });
    const auto all = rows();
    const auto row = std::find_if(all.begin(), all.end(), [&](const auto& line) { return line.ends_with(subject_of(bytes)); });
    ASSERT_NE(row, all.end()) << screen();
    type(":select " + std::to_string(row - all.begin()));
  }
  void wait_for(const std::function<bool()>& done) const { ASSERT_TRUE(eventually(kSoon, done, Milliseconds(50))) << screen(); }
  [[nodiscard]] bool has_letters(const std::string& mailbox, const std::string& bytes, const std::string& letters) const {
    for (const auto& file : world.maildir.files(mailbox))
      if (letters_of(file) == letters && read_file(file) == bytes) return true;
    return false;
  }
};

TEST_F(Aerc, FlagsMovesDeletionsAndDrafts_Arrive) {
  select(messages[0], 4);
  type(":flag");
  wait_for([&] { return has_letters("INBOX", messages[0], "F"); });
  select(messages[1], 4);
  type(":mv Archive");
  wait_for([&] { return world.maildir.files("Archive").size() == 1; });
  select(messages[2], 3);
  type(":delete");
  wait_for([&] { return world.maildir.files("INBOX").size() == 2; });
  type(":compose -H 'Subject: a draft'");
  wait_for(
      [&] { return screen().find("written here") != std::string::npos || screen().find("Send this email") != std::string::npos; });
  type(":postpone");
  wait_for([&] { return world.maildir.files("Drafts").size() == 1; });

  arrives({messages[0], messages[3]}, {messages[1]});
  EXPECT_THAT(flags_of("INBOX", messages[0]), Contains("\\Flagged"));
  const auto drafts = world.probe.fetch_all("Drafts");
  ASSERT_THAT(drafts, SizeIs(1));
  EXPECT_THAT(drafts[0].bytes, HasSubstr("written here"));
}

/// A Dovecot on the mirrored Maildir, for programs that speak IMAP alone.
class LocalDovecot : public ::testing::TestWithParam<Layout> {
 protected:
  LocalDovecot() {
    // Both work on the same files, as the same user.
    if (::geteuid() == 0) {
      world.device.run_as = nobody();
      world.device.give_to(nobody());
    }
    uids = world.fill("INBOX", 4);
    world.probe.create("Lists");
    world.probe.create("Lists/Deep");
    world.fill("Lists/Deep", 1);
    world.probe.add_flags("INBOX", uids[0], "\\Seen Work $Forwarded");
    EXPECT_TRUE(passes_and_same(world));
    const auto root = world.maildir.root().string();
    const auto layout = GetParam() == Layout::nested ? ":LAYOUT=fs:INBOX=" + root + "/INBOX" : "";
    local.emplace(DovecotOptions{.more = "mail_location = maildir:" + root + layout +
                                         ":INDEX=" + (world.device.folder() / "indexes").string() + "\n"});
    here.emplace(local->port(), "u1");
  }

  /// What the two servers tell of every mailbox that the remote one has. Dovecot keeps the letter P ($Forwarded), but doesn't show
  /// it.
  ::testing::AssertionResult same_as_there() {
    for (const auto& mailbox : world.probe.mailboxes()) {
      std::multiset<std::pair<std::string, std::set<std::string>>> ours, theirs;
      for (const auto& message : here->fetch_all(mailbox)) ours.emplace(with_lf(message.bytes), message.flags);
      for (auto& message : world.probe.fetch_all(mailbox)) {
        message.flags.erase("$Forwarded");
        theirs.emplace(with_lf(message.bytes), message.flags);
      }
      if (ours != theirs)
        return ::testing::AssertionFailure() << mailbox << ": here " << ::testing::PrintToString(ours) << "\nthere "
                                             << ::testing::PrintToString(theirs);
    }
    return ::testing::AssertionSuccess();
  }

  World world{{.layout = GetParam()}};
  std::vector<std::uint32_t> uids;
  std::optional<DovecotServer> local;
  std::optional<ImapProbe> here;
};
INSTANTIATE_TEST_SUITE_P(Layouts, LocalDovecot, ::testing::Values(Layout::nested, Layout::maildir_plus_plus),
                         [](const auto& test) { return test.param == Layout::nested ? "nested" : "maildirplusplus"; });

TEST_P(LocalDovecot, ShowsTheMirror_AndWhatIsDoneThereArrives) {
  ASSERT_TRUE(same_as_there());
  EXPECT_THAT(here->mailboxes(), Contains("Lists/Deep"));

  const auto before = here->fetch_all("INBOX");
  ASSERT_THAT(before, SizeIs(4));
  here->append("INBOX", with_crlf(world.generator.file(Shape::plain)), {"\\Seen", "Later"});
  here->add_flags("INBOX", before[1].uid, "\\Flagged Urgent");
  here->remove_flags("INBOX", before[0].uid, "Work");
  here->move("INBOX", before[2].uid, "Archive");
  here->expunge("INBOX", before[3].uid);
  here->create("Made/Here");
  here->append("Made/Here", with_crlf(world.generator.file(Shape::plain)));
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(same_as_there());
  const auto there = world.probe.fetch_all("INBOX");
  ASSERT_THAT(there, SizeIs(3));
  EXPECT_EQ(there[0].flags, (std::set<std::string>{"\\Seen", "$Forwarded"}));
  EXPECT_THAT(world.probe.fetch_all("Archive"), SizeIs(1));
  EXPECT_THAT(world.probe.fetch_all("Made/Here"), SizeIs(1));

  // And back again.
  world.probe.add_flags("INBOX", uids[0], "\\Answered Work");
  world.probe.expunge("INBOX", uids[1]);
  world.fill("Lists/Deep", 1);
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(same_as_there());
  EXPECT_THAT(read_file(local->log_file()), Not(::testing::ContainsRegex("Corrupt|Broken|Error"))) << read_file(local->log_file());
}

}  // namespace
}  // namespace mailmirror::testing
