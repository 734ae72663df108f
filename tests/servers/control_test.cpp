// The control client and the socket behind it, with a daemon that runs.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace mailmirror::testing {
namespace {

using Json = nlohmann::json;
using ::testing::SizeIs;

/// Two messages in INBOX, mirrored, and the daemon runs.
struct Control : ::testing::Test {
  Control() {
    world.fill("INBOX", 2);
    daemon.emplace(world.device.start_daemon());
    EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
  }
  Json account() {
    const RunResult result = world.device.control({"status", "--json"});
    EXPECT_EQ(result.code, 0) << result;
    return Json::parse(result.out).at("accounts").at(0);
  }
  bool reaches_state(const std::string& state) {
    return eventually(Milliseconds(10'000), [&] { return account().at("state") == state; });
  }

  World world;
  std::optional<MirrorProcess> daemon;
};

TEST_F(Control, StatusJson_HasTheKeysThatScriptsRelyOn) {
  EXPECT_TRUE(reaches_state("idle"));
  const Json status = Json::parse(world.device.control({"status", "--json"}).out);
  EXPECT_TRUE(status.at("version").is_string());
  EXPECT_TRUE(status.at("uptime_s").is_number());
  const Json work = status.at("accounts").at(0);
  EXPECT_EQ(work.at("name"), "work");
  EXPECT_EQ(work.at("state"), "idle");
  EXPECT_EQ(work.at("push"), "notify");
  EXPECT_TRUE(work.at("error").is_null());
  EXPECT_TRUE(work.at("last_sync").is_string());
  for (const char* key : {"retry_at", "connections", "bytes_in", "bytes_out"}) EXPECT_TRUE(work.contains(key)) << key;
  for (const auto& mailbox : work.at("mailboxes")) {
    for (const char* key :
         {"name", "path", "messages", "unseen", "uidvalidity", "pending_remote", "pending_local", "held", "error"})
      EXPECT_TRUE(mailbox.contains(key)) << key;
    EXPECT_EQ(mailbox.at("messages"), mailbox.at("name") == "INBOX" ? 2 : 0);
  }
}

TEST_F(Control, Status_IsReadable) {
  const RunResult result = world.device.control({"status"});
  EXPECT_EQ(result.code, 0) << result;
  EXPECT_TRUE(says(result.out, "work")) << result;
  EXPECT_FALSE(says(result.out, "\x1b")) << "colours without a terminal";
}

TEST_F(Control, SyncAndWait_ReturnsWhenItIsDone) {
  world.fill("Archive", 3);
  const RunResult result = world.device.control({"sync", "work", "--wait"});
  EXPECT_EQ(result.code, 0) << result;
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

TEST_F(Control, SyncOfAnUnknownAccount_Fails) {
  const RunResult result = world.device.control({"sync", "nobody-here", "--wait"});
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_TRUE(says(result.err, "nobody-here")) << result;
}

TEST_F(Control, Pause_LastsOverARestart) {
  EXPECT_EQ(world.device.control({"pause", "work"}).code, 0);
  EXPECT_TRUE(reaches_state("paused"));
  EXPECT_EQ(daemon->stop(), 0);
  daemon.emplace(world.device.start_daemon());
  EXPECT_TRUE(reaches_state("paused"));
  world.fill("INBOX", 1);
  std::this_thread::sleep_for(Milliseconds(1'500));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(2));
  EXPECT_EQ(world.device.control({"resume", "work"}).code, 0);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
}

TEST_F(Control, Watch_TellsOfNewMail) {
  const fs::path output = world.device.folder() / "watched";
  Subprocess watch = world.device.start_control({"--json", "watch"}, output);
  std::this_thread::sleep_for(Milliseconds(500));
  world.fill("INBOX", 1);
  EXPECT_TRUE(eventually(Milliseconds(10'000), [&] { return says(read_file(output), "message-added"); })) << read_file(output);
  watch.kill_now();
  std::istringstream lines(read_file(output));
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(Json::accept(line)) << line;
}

TEST_F(Control, Reload_TakesANewAccountAndKeepsTheOther) {
  world.device.more_tables = "[account.second]\nhost = \"127.0.0.1\"\nport = " + std::to_string(world.server.port()) +
                             "\nuser = \"u2\"\npassword = \"pw\"\ntls = \"none\"\nmaildir = \"" +
                             (world.device.folder() / "Mail/second").string() + "\"\n";
  world.device.write_config();
  EXPECT_EQ(world.device.control({"reload"}).code, 0);
  EXPECT_TRUE(eventually(Milliseconds(10'000), [&] { return fs::exists(world.device.folder() / "Mail/second/INBOX/cur"); }))
      << daemon->errors();
  EXPECT_TRUE(reaches_state("idle"));
}

TEST_F(Control, ReloadOfABrokenFile_ChangesNothingAndSaysWhy) {
  write_file(world.device.config_file(), read_file(world.device.config_file()) + "\nthis is not toml\n");
  const RunResult result = world.device.control({"--socket", world.device.socket().string(), "reload"});
  EXPECT_NE(result.code, 0) << result;
  world.device.write_config();
  world.fill("INBOX", 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon->errors();
}

TEST_F(Control, Stop_EndsTheDaemonCleanly) {
  EXPECT_EQ(world.device.control({"stop"}).code, 0);
  EXPECT_EQ(daemon->process().wait_for(Milliseconds(10'000)), 0) << daemon->errors();
}

TEST_F(Control, Doctor_FindsNothingWrong) {
  const RunResult result = world.device.control({"doctor", "work"});
  EXPECT_EQ(result.code, 0) << result;
}

TEST_F(Control, HeldDeletions_AreApproved) {
  world.fill("Archive", 100);
  EXPECT_EQ(world.device.control({"sync", "work", "--wait"}).code, 0);
  const auto files = world.maildir.files("Archive");
  for (std::size_t i = 0; i < 80; ++i) fs::remove(files[i]);
  EXPECT_TRUE(eventually(Milliseconds(25'000), [&] { return account().at("state") == "held"; })) << daemon->errors();
  EXPECT_EQ(world.probe.status("Archive").messages, 100U);
  EXPECT_TRUE(says(world.device.control({"held"}).out, "Archive"));
  EXPECT_EQ(world.device.control({"approve", "work/Archive"}).code, 0);
  EXPECT_TRUE(becomes_same(world.probe, world.device, Milliseconds(20'000))) << daemon->errors();
  EXPECT_EQ(world.probe.status("Archive").messages, 20U);
}

TEST_F(Control, HeldDeletions_AreRejected) {
  world.fill("Archive", 100);
  EXPECT_EQ(world.device.control({"sync", "work", "--wait"}).code, 0);
  const auto files = world.maildir.files("Archive");
  for (std::size_t i = 0; i < 80; ++i) fs::remove(files[i]);
  EXPECT_TRUE(eventually(Milliseconds(25'000), [&] { return account().at("state") == "held"; })) << daemon->errors();
  EXPECT_EQ(world.device.control({"reject", "work/Archive"}).code, 0);
  EXPECT_TRUE(becomes_same(world.probe, world.device, Milliseconds(20'000))) << daemon->errors();
  EXPECT_EQ(world.probe.status("Archive").messages, 100U);
}

TEST_F(Control, UnknownCommand_IsUsage) {
  EXPECT_EQ(world.device.control({"dance"}).code, 2);
}

TEST_F(Control, Socket_IsClosedToOthers) {
  struct ::stat status {};
  ASSERT_EQ(::stat(world.device.socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

/// A peer that speaks to the socket as it likes.
class RawPeer {
 public:
  explicit RawPeer(const fs::path& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw_errno("connect to the control socket");
  }
  ~RawPeer() { ::close(socket_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  void say(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  std::string line() {
    std::string text;
    for (char c = 0; ::recv(socket_, &c, 1, 0) == 1 && c != '\n';) text += c;
    return text;
  }

 private:
  int socket_;
};

TEST_F(Control, InvalidRequests_GetErrorsAndTheDaemonLives) {
  RawPeer peer(world.device.socket());
  for (const char* request :
       {"{nonsense", "[]", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no-such-thing\"}", "\"text\"", "{\"id\":{}}"}) {
    peer.say(std::string(request) + "\n");
    const std::string answer = peer.line();
    ASSERT_FALSE(answer.empty()) << request;
    EXPECT_TRUE(Json::parse(answer).contains("error")) << request << " → " << answer;
  }
  EXPECT_EQ(account().at("name"), "work");
}

TEST_F(Control, OversizedRequest_IsRefusedAndTheDaemonLives) {
  RawPeer peer(world.device.socket());
  peer.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + std::string(2U << 20, 'x') + "\"}\n");
  EXPECT_EQ(account().at("name"), "work");
}

TEST(ControlWithoutADaemon, AnyCommand_Exits3) {
  Device device({.port = 143});
  device.write_config();
  const RunResult result = device.control({"status"});
  EXPECT_EQ(result.code, 3) << result;
}

}  // namespace
}  // namespace mailmirror::testing
