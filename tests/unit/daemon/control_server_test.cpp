// The control server over real sockets.
#include "tests/unit/daemon/control_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <random>

namespace mailmirror::daemon::server::testing {
namespace {

using control::Json;
using control::RpcError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

int code(const Json& answer) {
  return answer.at("error").at("code");
}
constexpr int number(RpcError error) {
  return static_cast<int>(error);
}

TEST(ControlServer, Hello_TellsProtocolAndVersion) {
  const RunningServer server;
  Peer peer(server.socket());
  peer.ask("hello", Json::object(), 7);
  EXPECT_EQ(peer.document(), (Json{{"jsonrpc", "2.0"},
                                   {"id", 7},
                                   {"result", {{"protocol", 1}, {"version", MAILMIRROR_VERSION}, {"name", "mailmirrord"}}}}));
}

TEST(ControlServer, Mistakes_GetTheirErrorsAndTheConnectionGoesOn) {
  const RunningServer server;
  Peer peer(server.socket());
  const std::vector<std::pair<std::string, RpcError>> mistakes{
      {"{nonsense", RpcError::parse_error},
      {"\xff\xfe", RpcError::parse_error},
      {"[]", RpcError::invalid_request},
      {"\"text\"", RpcError::invalid_request},
      {"{\"id\":{}}", RpcError::invalid_request},
      {"{\"id\":1,\"method\":\"status\"}", RpcError::invalid_request},
      {"{\"jsonrpc\":\"2.0\",\"id\":1}", RpcError::invalid_request},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":[1]}", RpcError::invalid_params},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":{\"account\":5}}", RpcError::invalid_params},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\",\"params\":{\"wait\":\"yes\"}}", RpcError::invalid_params},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\",\"params\":{\"targets\":[{}]}}", RpcError::invalid_params},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\",\"params\":{\"events\":[\"mesage-added\"]}}", RpcError::invalid_params},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"approve\"}", RpcError::invalid_params},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"statsu\"}", RpcError::method_not_found},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"doctor\"}", RpcError::not_available},
      {std::string(100'000, '['), RpcError::parse_error}};
  for (const auto& [request, error] : mistakes) {
    peer.say(request + "\n");
    EXPECT_EQ(code(peer.document()), number(error)) << request.substr(0, 100);
  }
  peer.ask("hello", Json::object(), 1);
  EXPECT_TRUE(peer.document().contains("result"));
}

TEST(ControlServer, OversizedRequest_IsRefusedOnceAndTheNextAnswered) {
  const RunningServer server;
  Peer peer(server.socket());
  peer.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + std::string(3U << 20, 'x') + "\"}\n");
  peer.ask("hello", Json::object(), 2);
  EXPECT_EQ(code(peer.document()), number(RpcError::too_large));
  EXPECT_EQ(peer.document().at("id"), 2);
}

TEST(ControlServer, FailureNobodyForesaw_CostsOneRequest) {
  const RunningServer server;
  Peer peer(server.socket());
  peer.ask("status", {{"account", "home"}}, 3);
  const auto answer = peer.document();
  EXPECT_EQ(code(answer), number(RpcError::internal_error));
  EXPECT_EQ(answer.at("id"), 3);
  peer.ask("status", Json::object(), 4);
  EXPECT_EQ(peer.document().at("result").at("version"), "0.1.0");
}

TEST(ControlServer, ErrorsOfTheDaemon_KeepTheirWords) {
  const RunningServer server;
  Peer peer(server.socket());
  peer.ask("reload", Json::object(), 1);
  const auto answer = peer.document();
  EXPECT_EQ(code(answer), number(RpcError::failed));
  EXPECT_EQ(answer.at("error").at("message"), "config.toml:3:1: unknown key 'hots'");
}

TEST(ControlServer, Notification_GetsNoAnswer) {
  RunningServer server;
  Peer peer(server.socket());
  peer.say("{\"jsonrpc\":\"2.0\",\"method\":\"pause\",\"params\":{\"account\":\"work\"}}\n\n");
  peer.ask("hello", Json::object(), 9);
  EXPECT_EQ(peer.document().at("id"), 9);
  EXPECT_THAT(server.orders(), ElementsAre("pause work"));
}

TEST(ControlServer, Targets_AreCutAtTheFirstSlash) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("sync", {{"targets", {"work", "home/Lists/a"}}}, 1);
  EXPECT_EQ(peer.document().at("result").at("ok"), true);
  peer.ask("reject", {{"account", "work"}, {"mailbox", "Archive"}}, 2);
  EXPECT_EQ(peer.document().at("result").at("messages"), 80);
  EXPECT_THAT(server.orders(), ElementsAre("start-sync work|", "start-sync home|Lists/a", "reject work|Archive"));
}

TEST(ControlServer, Undo_SaysWhatCameBackAndWhatNot) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("undo", {{"account", "work/INBOX"}, {"pass", 12}}, 1);
  const auto result = peer.document().at("result");
  EXPECT_EQ(result.at("restored"), 2);
  EXPECT_EQ(result.at("messages").at(0).at("outcome"), "deleted-here");
  peer.ask("undo", {{"mailbox", "Archive"}, {"since", "2026-01-31T12:00:00Z"}, {"dry_run", true}}, 2);
  EXPECT_EQ(peer.document().at("result").at("dry_run"), true);
  peer.ask("undo", {{"pass", 1}, {"since", "2026-01-31T12:00:00Z"}}, 3);
  EXPECT_EQ(code(peer.document()), number(RpcError::invalid_params));
  peer.ask("undo", {{"since", "yesterday"}}, 4);
  EXPECT_EQ(code(peer.document()), number(RpcError::invalid_params));
  EXPECT_THAT(server.orders(), ElementsAre("undo work|INBOX|12|", "undo the only one|Archive|0|2026-01-31T12:00:00Z|dry"));
}

TEST(ControlServer, Held_TellsSideTimeReasonAndEntries) {
  RunningServer server;
  Peer peer(server.socket());
  control::HeldMailbox held;
  held.mailbox = "INBOX";
  held.held = held.here = 1;
  held.since = control::from_iso("2026-01-31T12:00:00Z");
  held.reason = "all";
  held.entries.push_back({"here", 7, "<a@b>", {}});
  server.on_network([&] { server.daemon().waiting = {held}; });
  peer.ask("held", {{"account", "work"}}, 1);
  const auto answer = peer.document().at("result");
  EXPECT_EQ(answer.at("held").at(0).at("since"), "2026-01-31T12:00:00Z");
  EXPECT_EQ(answer.at("held").at(0).at("entries").at(0).at("uid"), 7);
  const auto read = control::held_from_json(answer).value();
  EXPECT_EQ(read.at(0).since, held.since);
  EXPECT_EQ(read.at(0).entries.at(0).message_id, "<a@b>");
  peer.ask("held", {{"account", "nobody"}}, 2);
  EXPECT_EQ(code(peer.document()), number(RpcError::failed));
}

TEST(ControlServer, Log_ShowsThePasses) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("log", {{"account", "work"}, {"removals", true}, {"limit", 7}}, 1);
  const auto pass = peer.document().at("result").at("passes").at(0);
  EXPECT_EQ(pass.at("pass"), 12);
  EXPECT_EQ(pass.at("removed"), 3);
  EXPECT_THAT(server.orders(), ElementsAre("log work| removals 7"));
}

TEST(ControlServer, SyncAndWait_StreamsItsAccountsEventsThenTheResult) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("sync", {{"targets", {"work/INBOX"}}, {"wait", true}}, 1);
  const auto progress = peer.document();
  EXPECT_EQ(progress.at("method"), "event");
  EXPECT_EQ(progress.at("params").at("account"), "work");
  EXPECT_EQ(progress.at("params").at("total"), 4);
  server.release();
  const auto result = peer.document();
  EXPECT_EQ(result.at("id"), 1);
  EXPECT_EQ(result.at("result").at("ok"), true);
}

TEST(ControlServer, LongSync_HoldsNothingUpOnItsConnection) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("sync", {{"targets", {"work"}}, {"wait", true}}, 1);
  EXPECT_EQ(peer.document().at("method"), "event");
  peer.ask("hello", Json::object(), 2);
  EXPECT_EQ(peer.document().at("id"), 2);
  server.release();
  EXPECT_EQ(peer.document().at("id"), 1);
}

TEST(ControlServer, ClientThatLeaves_LeavesItsSyncRunning) {
  RunningServer server;
  {
    Peer peer(server.socket());
    peer.ask("sync", {{"wait", true}}, 1);
    EXPECT_EQ(peer.document().at("method"), "event");
  }
  server.release();
  EXPECT_TRUE(eventually([&] { return server.orders() == std::vector<std::string>{"sync", "synced"}; }));
}

TEST(ControlServer, HalfClosedClient_StillGetsItsAnswers) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("sync", {{"targets", {"work"}}, {"wait", true}}, 1);
  peer.close_writing();
  EXPECT_EQ(peer.document().at("method"), "event");
  server.release();
  EXPECT_EQ(peer.document().at("id"), 1);
  EXPECT_EQ(peer.line(), std::nullopt);
}

TEST(ControlServer, Watch_GivesEachClientWhatItAskedFor) {
  RunningServer server;
  Peer all(server.socket()), some(server.socket());
  all.ask("watch", Json::object(), 1);
  some.ask("watch", {{"events", {"held"}}}, 1);
  EXPECT_EQ(all.document().at("result").at("ok"), true);
  EXPECT_EQ(some.document().at("result").at("ok"), true);
  server.publish(event("connected", "work"));
  server.publish(event("held", "work", "INBOX"));
  EXPECT_EQ(all.document().at("params").at("type"), "connected");
  EXPECT_EQ(all.document().at("params").at("type"), "held");
  EXPECT_EQ(some.document().at("params").at("mailbox"), "INBOX");
}

TEST(ControlServer, SlowReader_IsDisconnectedAndNobodyElseWaits) {
  RunningServer server;
  Peer slow(server.socket()), quick(server.socket());
  slow.ask("watch", Json::object(), 1);
  EXPECT_TRUE(slow.document().contains("result"));
  auto big = event("error", "work");
  big.message = std::string(64 * 1024, 'x');
  for (int n = 0; n < 200; ++n) server.publish(big);
  quick.ask("hello", Json::object(), 1);
  EXPECT_TRUE(quick.document().contains("result"));
  int lines = 0;
  while (slow.line()) ++lines;
  EXPECT_LT(lines, 200);
}

TEST(ControlServer, MailThatIsntUtf8_GivesValidJson) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("watch", Json::object(), 1);
  peer.document();
  server.publish(event("message-added", "work", "caf\xe9"));
  EXPECT_EQ(peer.document().at("params").at("mailbox"), "caf\uFFFD");
}

TEST(ControlServer, RandomBytes_NeverEndIt) {
  const RunningServer server;
  std::mt19937 random(20260101);
  const std::string kinds =
      "{}[]\",:\\\n\n0e-. \x00\xff"
      "abmethodidparams";
  for (int round = 0; round < 20; ++round) {
    Peer peer(server.socket());
    std::string bytes;
    for (int n = 0; n < 1000; ++n) bytes += kinds[random() % kinds.size()];
    peer.say(bytes);
  }
  Peer peer(server.socket());
  peer.ask("hello", Json::object(), 1);
  EXPECT_TRUE(peer.document().contains("result"));
}

TEST(ControlServer, ManyClients_AreServedSideBySide) {
  const RunningServer server;
  std::vector<std::unique_ptr<Peer>> peers;
  for (int n = 0; n < 100; ++n) peers.push_back(std::make_unique<Peer>(server.socket()));
  for (const auto& peer : peers) peer->ask("hello", Json::object(), 1);
  for (const auto& peer : peers) EXPECT_TRUE(peer->document().contains("result"));
}

TEST(ControlServer, Stop_IsAnsweredBeforeTheEnd) {
  RunningServer server;
  Peer peer(server.socket());
  peer.ask("stop", Json::object(), 1);
  EXPECT_EQ(peer.document().at("result").at("ok"), true);
  EXPECT_EQ(peer.line(), std::nullopt);
}

TEST(ControlServer, EndWithClientsAndARunningSync_LeavesNoSocket) {
  RunningServer server;
  Peer idle(server.socket()), busy(server.socket());
  busy.ask("sync", {{"wait", true}}, 1);
  EXPECT_EQ(busy.document().at("method"), "event");
  server.stop();
  EXPECT_EQ(idle.line(), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(server.socket()));
}

TEST(ControlServer, ManyPipelinedRequests_AreAllAnswered) {
  const RunningServer server;
  Peer peer(server.socket());
  std::string requests;
  for (int id = 0; id < 500; ++id) requests += control::encode_request("hello", Json::object(), id);
  peer.say(requests);
  for (int id = 0; id < 500; ++id) EXPECT_EQ(peer.document().at("id"), id);
}

// Where the socket lies.

struct ControlSocket : ::testing::Test {
  Result<ControlServer> open() { return ControlServer::open(network.get_executor(), socket); }
  [[nodiscard]] unsigned mode_of(const std::filesystem::path& path) const {
    struct stat s {};
    EXPECT_EQ(::lstat(path.c_str(), &s), 0) << path;
    return s.st_mode & 0777U;
  }

  TemporaryDirectory directory;
  std::filesystem::path socket = directory.path() / "run" / "mailmirror" / "control.sock";
  asio::io_context network{1};
};

TEST_F(ControlSocket, NewOne_IsClosedToOthers) {
  const auto server = open();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(mode_of(socket), 0600U);
  EXPECT_EQ(mode_of(socket.parent_path()), 0700U);
}

TEST_F(ControlSocket, DirectoryOthersMayWriteTo_IsRefused) {
  std::filesystem::create_directories(socket.parent_path());
  ::chmod(socket.parent_path().c_str(), 0770);
  const auto server = open();
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::permission);
  EXPECT_THAT(server.error().message, HasSubstr("chmod 700 " + socket.parent_path().string()));
}

TEST_F(ControlSocket, LinkAsDirectory_IsRefused) {
  std::filesystem::create_directories(directory.path() / "elsewhere");
  std::filesystem::create_directories(socket.parent_path().parent_path());
  std::filesystem::create_directory_symlink(directory.path() / "elsewhere", socket.parent_path());
  EXPECT_EQ(open().error().kind, ErrorKind::permission);
}

TEST_F(ControlSocket, DaemonThatAnswers_IsNotReplaced) {
  const auto first = open();
  ASSERT_TRUE(first);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::locked);
  EXPECT_TRUE(std::filesystem::exists(socket));
}

TEST_F(ControlSocket, LeftoverOfACrash_IsReplaced) {
  std::filesystem::create_directories(socket.parent_path());
  ::chmod(socket.parent_path().c_str(), 0700);
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  const auto server = open();
  EXPECT_TRUE(server) << server.error().message;
}

TEST_F(ControlSocket, OtherFileOfThatName_IsKept) {
  std::filesystem::create_directories(socket.parent_path());
  ::chmod(socket.parent_path().c_str(), 0700);
  std::ofstream(socket) << "precious";
  EXPECT_EQ(open().error().kind, ErrorKind::exists);
  EXPECT_TRUE(std::filesystem::is_regular_file(socket));
}

TEST_F(ControlSocket, TooLongPath_IsToldAsSuch) {
  socket = directory.path() / std::string(120, 'x') / "control.sock";
  EXPECT_EQ(open().error().kind, ErrorKind::configuration);
}

}  // namespace
}  // namespace mailmirror::daemon::server::testing
