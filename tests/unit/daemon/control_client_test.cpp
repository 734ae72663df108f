// The client against the server, and against peers that misbehave.
#include "daemon/control/client.hpp"
#include "tests/unit/daemon/control_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

namespace mailmirror::daemon::control {
namespace {

using namespace std::chrono_literals;
using server::testing::RunningServer;
using server::testing::TemporaryDirectory;
using ::testing::HasSubstr;

TEST(Client, NobodyThere_SaysWhatToDo) {
  const TemporaryDirectory directory;
  const auto client = Client::connect(directory.path() / "none.sock");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::network);
  EXPECT_THAT(client.error().message, HasSubstr("start it with 'mailmirrord'"));
}

TEST(Client, Errors_HaveTheKindOfTheirCode) {
  const RunningServer server;
  auto client = Client::connect(server.socket());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->call("reload", Json::object(), 10s).error().kind, ErrorKind::refused);
  EXPECT_EQ(client->call("doctor", Json::object(), 10s).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(client->call("dance", Json::object(), 10s).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(client->call("status", {{"account", 1}}, 10s).error().kind, ErrorKind::protocol);
  EXPECT_EQ(client->call("hello", Json::object(), 10s).value().at("protocol"), kProtocolVersion);
}

TEST(Client, Events_GoToTheListenerBeforeTheResult) {
  RunningServer server;
  auto client = Client::connect(server.socket());
  ASSERT_TRUE(client);
  std::vector<std::string> events;
  const auto result = client->call("sync", {{"targets", {"work"}}, {"wait", true}}, 10s, [&](const Json& event) {
    events.push_back(event.at("type"));
    server.release();
  });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(events, ::testing::ElementsAre("progress"));
}

TEST(Client, DaemonThatGivesNoAnswer_IsATimeout) {
  const RunningServer server;
  auto client = Client::connect(server.socket());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->call("sync", {{"wait", true}}, 20ms).error().kind, ErrorKind::timeout);
}

TEST(Client, Interrupt_EndsTheWait) {
  const RunningServer server;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  auto client = Client::connect(server.socket(), ends[0]);
  ASSERT_TRUE(client);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_THROW(client->call("sync", {{"wait", true}}, 10s), boost::system::system_error);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Client, DaemonThatEnds_IsToldAsSuch) {
  RunningServer server;
  auto client = Client::connect(server.socket());
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->call("watch", Json::object(), 10s));
  server.stop();
  EXPECT_EQ(client->listen([](const Json&) {}).kind, ErrorKind::network);
  EXPECT_TRUE(client->wait_for_end(1s));
}

}  // namespace
}  // namespace mailmirror::daemon::control
