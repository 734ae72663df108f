// The protocol's documents, its framing, and where the socket is.
#include "daemon/control/documents.hpp"
#include "daemon/control/line_splitter.hpp"
#include "daemon/control/socket_path.hpp"
#include "tests/unit/daemon/control_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

namespace mailmirror::daemon::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

StatusDocument full_status() {
  MailboxStatus inbox{"INBOX", "INBOX", 1204, 12, 77, 3, 1, 2, "no such mailbox"};
  AccountStatus work;
  work.name = "work";
  work.state = "failed";
  work.error = "the server refused the login";
  work.retry_at = Time(1767225600s);
  work.push = "notify";
  work.last_sync = Time(1767225000s);
  work.connections = 2;
  work.bytes_in = 10;
  work.bytes_out = 20;
  work.maildir = "/m";
  work.in_flight = InFlight{1, 2, 3};
  work.mailboxes = {inbox};
  return {"0.1.0", 5, {work}};
}

TEST(Documents, Status_HasTheKeysThatScriptsRelyOn) {
  const auto json = to_json(full_status());
  EXPECT_EQ(json, Json::parse(R"({"version": "0.1.0", "uptime_s": 5, "accounts": [{"name": "work", "state": "failed",
    "error": "the server refused the login", "retry_at": "2026-01-01T00:00:00Z", "push": "notify", "last_sync": "2025-12-31T23:50:00Z",
    "connections": 2, "bytes_in": 10, "bytes_out": 20, "maildir": "/m", "in_flight": {"done": 1, "total": 2, "bytes": 3},
    "mailboxes": [{"name": "INBOX", "path": "INBOX", "messages": 1204, "unseen": 12, "uidvalidity": 77, "pending_remote": 3,
      "pending_local": 1, "held": 2, "error": "no such mailbox"}]}]})"));
}

TEST(Documents, Status_UnsetValuesAreNull) {
  const auto account = to_json(StatusDocument{"1", 0, {AccountStatus{}}}).at("accounts").at(0);
  for (const char* key : {"error", "retry_at", "last_sync", "in_flight"}) EXPECT_TRUE(account.at(key).is_null()) << key;
}

TEST(Documents, Status_RoundTrips) {
  for (const auto& status : {full_status(), StatusDocument{"1", 0, {AccountStatus{}}}, StatusDocument{}}) {
    const auto back = status_from_json(to_json(status));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back), to_json(status));
  }
}

TEST(Documents, BadStatus_IsAnErrorThatNamesTheKey) {
  const std::vector<std::pair<const char*, const char*>> bad{
      {"[]", "document"},
      {"{}", "accounts"},
      {R"({"accounts": {}})", "accounts"},
      {R"({"accounts": [5]})", "document"},
      {R"({"accounts": [], "uptime_s": -1})", "uptime_s"},
      {R"({"accounts": [], "uptime_s": 1.5})", "uptime_s"},
      {R"({"accounts": [], "version": 1})", "version"},
      {R"({"accounts": [{"retry_at": "soon"}]})", "retry_at"},
      {R"({"accounts": [{"mailboxes": [{"uidvalidity": 4294967296}]}]})", "uidvalidity"}};
  for (const auto& [text, key] : bad) {
    const auto status = status_from_json(Json::parse(text));
    ASSERT_FALSE(status) << text;
    EXPECT_EQ(status.error().kind, ErrorKind::protocol);
    EXPECT_THAT(status.error().message, HasSubstr(key)) << text;
  }
}

TEST(Documents, Event_RoundTripsAndHoldsOnlyWhatIsSet) {
  Event event;
  event.type = "flags-changed";
  event.account = "work";
  event.time = Time(1767225600s);
  EXPECT_EQ(to_json(event), Json::parse(R"({"type": "flags-changed", "account": "work", "time": "2026-01-01T00:00:00Z"})"));
  event.mailbox = "INBOX";
  event.uid = 7;
  event.path = "INBOX/cur/x";
  event.origin = "remote";
  event.flags = std::vector<std::string>{"\\Seen"};
  event.progress = InFlight{1, 2, 3};
  event.message = "m";
  event.ok = false;
  const auto json = to_json(event);
  EXPECT_EQ(json.at("total"), 2);
  const auto back = event_from_json(json);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), json);
}

TEST(Documents, BadEvent_IsAnError) {
  for (const char* bad : {"5", "{}", R"({"type": 1})", R"({"type": "x", "uid": 4294967296})", R"({"type": "x", "flags": "S"})"})
    EXPECT_FALSE(event_from_json(Json::parse(bad))) << bad;
}

TEST(Documents, Outcome_RoundTrips) {
  const SyncOutcome outcome{false, {"work/INBOX: disk full"}, 1, 2, 3, 4, 5};
  const auto back = outcome_from_json(to_json(outcome));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(outcome));
  EXPECT_FALSE(outcome_from_json(Json::parse(R"({"ok": "yes"})")));
}

TEST(Times, IsoText_RoundTripsAndNothingElsePasses) {
  EXPECT_EQ(to_iso(Time(0s)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(from_iso("2026-01-01T00:00:00Z"), Time(1767225600s));
  for (const char* bad : {"", "2026-01-01", "2026-01-01T00:00:00Zjunk", "yesterday"}) EXPECT_EQ(from_iso(bad), std::nullopt) << bad;
}

std::vector<std::string> split(LineSplitter& splitter, std::string_view piece) {
  std::vector<std::string> lines;
  splitter.append(piece);
  while (const auto line = splitter.next()) {
    const auto* text = std::get_if<std::string>(&*line);
    lines.push_back(text != nullptr ? *text : "TOO LONG");
  }
  return lines;
}

TEST(LineSplitter, LinesOverPieces_AreJoined) {
  LineSplitter splitter(10);
  EXPECT_THAT(split(splitter, "ab"), ElementsAre());
  EXPECT_THAT(split(splitter, "c\n\nde\nf"), ElementsAre("abc", "", "de"));
  EXPECT_THAT(split(splitter, "\n"), ElementsAre("f"));
}

TEST(LineSplitter, LineBeyondTheBound_IsToldOnceAndTheNextRead) {
  LineSplitter splitter(4);
  EXPECT_THAT(split(splitter, "1234\n"), ElementsAre("1234"));
  EXPECT_THAT(split(splitter, "12345\n67\n"), ElementsAre("TOO LONG", "67"));
  EXPECT_THAT(split(splitter, "12345"), ElementsAre("TOO LONG"));
  EXPECT_THAT(split(splitter, "6789012"), ElementsAre());
  EXPECT_THAT(split(splitter, "3\nab\n"), ElementsAre("ab"));
}

TEST(LineSplitter, AnyCutting_GivesTheSameLines) {
  const std::string text = "one\ntwo is longer than it may be\n\nthree\nfour!\n";
  LineSplitter whole(6);
  const auto expected = split(whole, text);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    LineSplitter splitter(6);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto length = std::min<std::size_t>(1 + random() % 9, text.size() - at);
      for (auto& line : split(splitter, std::string_view(text).substr(at, length))) lines.push_back(std::move(line));
      at += length;
    }
    EXPECT_EQ(lines, expected);
  }
}

struct SocketPath : ::testing::Test {
  SocketPath() { environment.variables = {{"HOME", directory.path().string()}, {"XDG_RUNTIME_DIR", "/run/user/7"}}; }
  void configure(const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  server::testing::TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / ".config/mailmirror/config.toml";
  Environment environment;
};

TEST_F(SocketPath, WithoutConfiguration_IsTheDefault) {
  EXPECT_EQ(socket_path(std::nullopt, environment).value(), "/run/user/7/mailmirror/control.sock");
}

TEST_F(SocketPath, ConfigurationsOwn_IsExpanded) {
  configure("[daemon]\nsocket = \"~/run/s.sock\"\nunknown = 1\n");
  EXPECT_EQ(socket_path(std::nullopt, environment).value(), directory.path() / "run/s.sock");
  EXPECT_EQ(socket_path(file, Environment{{{"HOME", "/h"}}}).value(), "/h/run/s.sock");
}

TEST_F(SocketPath, ConfigurationWithoutIt_IsTheDefault) {
  configure("[daemon]\nlog_level = \"info\"\n");
  EXPECT_EQ(socket_path(std::nullopt, environment).value(), "/run/user/7/mailmirror/control.sock");
}

TEST_F(SocketPath, NamedFileThatIsMissingOrBroken_IsAnError) {
  EXPECT_EQ(socket_path(directory.path() / "none.toml", environment).error().kind, ErrorKind::configuration);
  configure("[daemon]\nsocket = \n");
  const auto broken = socket_path(std::nullopt, environment);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("config.toml:2:"));
}

}  // namespace
}  // namespace mailmirror::daemon::control
