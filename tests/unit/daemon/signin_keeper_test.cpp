// Tokens kept and renewed, with a provider in memory and a clock that jumps.
#include "daemon/signin/keep.hpp"
#include "daemon/signin/token_keeper.hpp"
#include "imap/transport/memory.hpp"
#include "sync/base/task_scope.hpp"
#include "tests/support/harness.hpp"
#include "tests/unit/imap/world.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <deque>

namespace mailmirror::daemon::signin {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using mailmirror::testing::TempFolder;
using mailmirror::testing::World;
using mailmirror::testing::write_file;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Answers each connection's one request; what was asked is kept.
class WebInMemory final : public imap::transport::Connector {
 public:
  explicit WebInMemory(World& world) : world_(world) {}

  std::deque<std::string> answers;
  std::vector<std::string> asked;
  std::function<void()> meanwhile;
  Duration takes = 100ms;

  Task<Result<std::unique_ptr<imap::transport::Transport>>> connect(std::string, std::uint16_t) override {
    auto [near, far] = imap::transport::memory_pair(world_.io.get_executor());
    asio::co_spawn(world_.io, serve(std::move(far)), [](const std::exception_ptr&) {});
    co_return std::move(near);
  }

  static std::string tokens(const std::string& access, const std::string& refresh, int seconds = 3600) {
    return json(200, fmt::format(R"({{"access_token":"{}","refresh_token":"{}","expires_in":{}}})", access, refresh, seconds));
  }
  static std::string json(int status, const std::string& body) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
  }

 private:
  Task<void> serve(std::unique_ptr<imap::transport::Transport> line) {
    std::array<std::byte, 8192> bytes{};
    std::string request;
    while (request.find("client_id=") == std::string::npos) {
      const auto count = co_await line->read_some(bytes);
      if (!count || *count == 0) co_return;
      request.append(reinterpret_cast<const char*>(bytes.data()), *count);
    }
    asked.push_back(request.substr(request.find("\r\n\r\n") + 4));
    // Others get their turn in between.
    co_await world_.clock.sleep(takes);
    if (meanwhile) meanwhile();
    const auto answer = answers.empty() ? json(500, "") : answers.front();
    if (!answers.empty()) answers.pop_front();
    co_await line->write_all(std::as_bytes(std::span<const char>(answer.data(), answer.size())));
  }

  World& world_;
};

class Keeper : public ::testing::Test {
 protected:
  Keeper() {
    oauth2.client_id = "id";
    oauth2.token_url = "http://127.0.0.1/token";
    oauth2.device_url = "http://127.0.0.1/device";
  }

  imap::client::Environment environment() { return {world.clock, world.pool, world.random, web, null_log()}; }
  TokenKeeper make() { return {oauth2, "work", folder.path() / "work", environment(), world.io.get_executor()}; }

  void keep(std::string access, std::string refresh, SystemTime::duration life) {
    const auto now = world.clock.system_now();
    KeptTokens kept{known_provider(oauth2).name, oauth2.client_id, {std::move(access), std::move(refresh), now, now + life}};
    ASSERT_TRUE(world.run(keep_tokens(environment(), folder.path() / "work", std::move(kept))));
  }
  std::optional<KeptTokens> kept() { return TokenFile(folder.path() / "work").read().value(); }
  Result<std::string> token(TokenKeeper& keeper) { return world.run(keeper.access_token()); }

  TempFolder folder;
  World world;
  WebInMemory web{world};
  config::OAuth2 oauth2;
};

constexpr const char* kRemedy = "run: mailmirror login work";

TEST_F(Keeper, NobodySignedIn_NamesTheCommand) {
  auto keeper = make();
  const auto had = token(keeper);
  EXPECT_EQ(had.error().kind, ErrorKind::authentication);
  EXPECT_THAT(had.error().message, HasSubstr(kRemedy));
  EXPECT_TRUE(web.asked.empty());
}

TEST_F(Keeper, FreshToken_IsUsedWithoutAsking) {
  keep("a1", "r1", 1h);
  auto keeper = make();
  EXPECT_EQ(token(keeper).value(), "a1");
  EXPECT_TRUE(web.asked.empty());
}

TEST_F(Keeper, TokenNearItsEnd_IsRenewedAndKept) {
  keep("a1", "r1", 1h);
  auto keeper = make();
  world.run(world.clock.sleep(56min));
  web.answers = {WebInMemory::tokens("a2", "r2")};
  EXPECT_EQ(token(keeper).value(), "a2");
  EXPECT_THAT(web.asked, ::testing::ElementsAre("grant_type=refresh_token&refresh_token=r1&client_id=id"));
  EXPECT_EQ(kept()->tokens.refresh, "r2");
  struct stat s {};
  ASSERT_EQ(::stat((folder.path() / "work/token.json").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 07777, 0600U);
  EXPECT_EQ(token(keeper).value(), "a2");
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(Keeper, ProviderThatKeepsTheRefreshToken_DoesNotLoseIt) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.answers = {WebInMemory::json(200, R"({"access_token":"a2","expires_in":3600})")};
  EXPECT_EQ(token(keeper).value(), "a2");
  EXPECT_EQ(kept()->tokens.refresh, "r1");
}

TEST_F(Keeper, TwoCallersAtATime_LeadToOneRequest) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.answers = {WebInMemory::tokens("a2", "r2")};
  std::vector<std::string> had;
  auto body = [&](TaskGroup& group) -> Task<void> {
    auto one = [](TokenKeeper& from, std::vector<std::string>& into) -> Task<void> {
      const auto got = co_await from.access_token();
      into.push_back(got.value());
    };
    for (int n = 0; n < 3; ++n) group.spawn(one(keeper, had));
    co_return;
  };
  world.run(run_in_group(body));
  EXPECT_THAT(had, ::testing::ElementsAre("a2", "a2", "a2"));
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(Keeper, TwoProcessesAtATime_LeadToOneRequest) {
  keep("a1", "r1", 0s);
  auto daemon = make();
  auto other = make();
  web.answers = {WebInMemory::tokens("a2", "r2")};
  std::vector<std::string> had;
  auto body = [&](TaskGroup& group) -> Task<void> {
    auto one = [](TokenKeeper& from, std::vector<std::string>& into) -> Task<void> {
      const auto got = co_await from.access_token();
      into.push_back(got.value());
    };
    group.spawn(one(daemon, had));
    group.spawn(one(other, had));
    co_return;
  };
  world.run(run_in_group(body));
  EXPECT_THAT(had, ::testing::ElementsAre("a2", "a2"));
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(Keeper, RevokedSignIn_NamesTheCommandAndIsNotAskedForAgain) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.answers = {WebInMemory::json(400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})")};
  const auto had = token(keeper);
  EXPECT_EQ(had.error().kind, ErrorKind::authentication);
  EXPECT_THAT(had.error().message, AllOf(HasSubstr("expired or revoked"), HasSubstr(kRemedy), Not(HasSubstr("r1"))));
  EXPECT_EQ(token(keeper).error().message, had.error().message);
  EXPECT_EQ(web.asked.size(), 1U);
  keep("a9", "r9", 1h);
  EXPECT_EQ(token(keeper).value(), "a9") << "after the login";
}

TEST_F(Keeper, RefusedByTheMailServer_IsRenewedOnce) {
  keep("a1", "r1", 1h);
  auto keeper = make();
  const Error no(ErrorKind::authentication, "the server refuses AUTHENTICATE");
  EXPECT_EQ(keeper.refused("a1", no), std::nullopt);
  web.answers = {WebInMemory::tokens("a2", "r2")};
  EXPECT_EQ(token(keeper).value(), "a2");
  const auto told = keeper.refused("a2", no);
  ASSERT_TRUE(told);
  EXPECT_THAT(told->message, AllOf(HasSubstr("the server refuses"), HasSubstr("allow IMAP"), HasSubstr(kRemedy)));
  EXPECT_EQ(token(keeper).value(), "a2");
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(Keeper, RefusedAfterItWasGoodForAWhile_IsRenewedAgain) {
  keep("a1", "r1", 1h);
  auto keeper = make();
  const Error no(ErrorKind::authentication, "no");
  EXPECT_EQ(keeper.refused("a1", no), std::nullopt);
  web.answers = {WebInMemory::tokens("a2", "r2"), WebInMemory::tokens("a3", "r3")};
  EXPECT_EQ(token(keeper).value(), "a2");
  world.run(world.clock.sleep(20min));
  EXPECT_EQ(keeper.refused("a2", no), std::nullopt);
  EXPECT_EQ(token(keeper).value(), "a3");
}

TEST_F(Keeper, ProviderOutOfOrder_IsNoEnd) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.answers = {WebInMemory::json(503, "busy"), WebInMemory::tokens("a2", "r2")};
  const auto failed = token(keeper);
  EXPECT_EQ(failed.error().kind, ErrorKind::network);
  EXPECT_THAT(failed.error().message, HasSubstr("can't renew the sign-in at http://127.0.0.1/token"));
  EXPECT_EQ(token(keeper).value(), "a2");
}

TEST_F(Keeper, UnknownClient_PointsToTheConfiguration) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.answers = {WebInMemory::json(401, R"({"error":"invalid_client"})"), WebInMemory::tokens("a2", "r2")};
  EXPECT_THAT(token(keeper).error().message, HasSubstr("client_id and client_secret in [account.work.oauth2]"));
}

TEST_F(Keeper, TokensOfAnotherClient_AreNotUsed) {
  keep("a1", "r1", 1h);
  oauth2.client_id = "other";
  auto keeper = make();
  EXPECT_THAT(token(keeper).error().message, AllOf(HasSubstr("another client_id"), HasSubstr(kRemedy)));
}

TEST_F(Keeper, CallerCancelledInTheMiddle_LeavesTheNewRefreshTokenBehind) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.answers = {WebInMemory::tokens("a2", "r2")};
  auto body = [&](TaskGroup& group) -> Task<void> {
    auto one = [](TokenKeeper& from) -> Task<void> { static_cast<void>(co_await from.access_token()); };
    group.spawn(one(keeper));
    co_await world.clock.sleep(50ms);
    group.cancel();
  };
  world.run(run_in_group(body));
  EXPECT_EQ(web.asked.size(), 1U);
  EXPECT_EQ(kept()->tokens.refresh, "r2");
}

TEST_F(Keeper, ProviderThatHangs_DoesNotHoldUpAStop) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  web.takes = 1h;
  auto body = [&](TaskGroup& group) -> Task<void> {
    auto one = [](TokenKeeper& from) -> Task<void> { static_cast<void>(co_await from.access_token()); };
    group.spawn(one(keeper));
    co_await world.clock.sleep(50ms);
    group.cancel();
  };
  const auto begin = world.clock.steady_now();
  world.run(run_in_group(body));
  EXPECT_LT(world.clock.steady_now() - begin, 2s);
  EXPECT_EQ(kept()->tokens.refresh, "r1");
}

TEST_F(Keeper, TokensThatCouldNotBeWritten_AreWrittenLater) {
  keep("a1", "r1", 0s);
  auto keeper = make();
  const auto file = folder.path() / "work/token.json";
  web.answers = {WebInMemory::tokens("a2", "r2")};
  web.meanwhile = [&] {
    fs::remove(file);
    fs::create_directories(file / "in the way");
  };
  EXPECT_THAT(token(keeper).error().message, HasSubstr("can't replace"));
  fs::remove_all(file);
  EXPECT_EQ(token(keeper).value(), "a2");
  EXPECT_EQ(web.asked.size(), 1U);
  EXPECT_EQ(kept()->tokens.refresh, "r2");
}

TEST_F(Keeper, FileThatOthersMayReadOrALink_IsNotUsed) {
  keep("a1", "r1", 1h);
  auto keeper = make();
  const auto file = folder.path() / "work/token.json";
  ::chmod(file.c_str(), 0644);
  EXPECT_THAT(token(keeper).error().message, HasSubstr("chmod 600"));
  fs::rename(file, folder.path() / "elsewhere");
  ::chmod((folder.path() / "elsewhere").c_str(), 0600);
  fs::create_symlink(folder.path() / "elsewhere", file);
  EXPECT_THAT(token(keeper).error().message, HasSubstr("symbolic link"));
  fs::remove(file);
  write_file(file, "{\"access_token\": 5}");
  ::chmod(file.c_str(), 0600);
  EXPECT_THAT(token(keeper).error().message, HasSubstr(kRemedy));
}

}  // namespace
}  // namespace mailmirror::daemon::signin
