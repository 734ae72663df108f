// Finding a provider's addresses, at a server on loopback.
#include "daemon/signin/exchange.hpp"
#include "imap/transport/tcp.hpp"
#include "tests/support/web_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace mailmirror::daemon::signin {
namespace {

using mailmirror::testing::WebRequest;
using mailmirror::testing::WebResponse;
using mailmirror::testing::WebServer;
using ::testing::HasSubstr;

class FindProvider : public ::testing::Test {
 protected:
  Result<Provider> find() {
    config::OAuth2 oauth2;
    oauth2.client_id = "id";
    oauth2.issuer = server.url() + "/realm";
    issuer = oauth2.issuer;
    asio::io_context io;
    RealClock clock;
    BlockingPool pool(1);
    SecureRandom random;
    imap::transport::TcpConnector connector(pool, clock);
    const imap::client::Environment environment{clock, pool, random, connector, null_log()};
    std::optional<Result<Provider>> found;
    auto task = [](imap::client::Environment with, config::OAuth2 what, std::optional<Result<Provider>>& into) -> Task<void> {
      into.emplace(co_await find_provider(std::move(with), std::move(what)));
    };
    asio::co_spawn(io, task(environment, oauth2, found), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return std::move(*found);
  }

  WebResponse answer(const WebRequest& request) const {
    if (request.target == described_at)
      return {status, R"({"issuer":")" + issuer + R"(","token_endpoint":"https://id.example/t"})", {}};
    return {404, "", {}};
  }

  std::string described_at;
  unsigned status = 200;
  std::string issuer;
  WebServer server{[this](const WebRequest& request) { return answer(request); }};
};

TEST_F(FindProvider, OpenIdsPlace_IsLookedAt) {
  described_at = "/realm/.well-known/openid-configuration";
  EXPECT_EQ(find().value().token_url, "https://id.example/t");
}

TEST_F(FindProvider, Rfc8414sPlace_IsLookedAtNext) {
  described_at = "/.well-known/oauth-authorization-server/realm";
  EXPECT_EQ(find().value().token_url, "https://id.example/t");
}

TEST_F(FindProvider, NoDescription_IsToldWithTheIssuersName) {
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr(issuer));
}

TEST_F(FindProvider, IssuerOutOfOrder_IsNoEnd) {
  described_at = "/realm/.well-known/openid-configuration";
  status = 503;
  EXPECT_EQ(find().error().kind, ErrorKind::network);
}

}  // namespace
}  // namespace mailmirror::daemon::signin
