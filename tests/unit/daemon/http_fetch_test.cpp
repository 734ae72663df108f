// The client against a real server on loopback.
#include "daemon/http/fetch.hpp"

#include "tests/support/certificates.hpp"
#include "tests/support/web_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace mailmirror::http {
namespace {

using ::testing::AllOf;
using testing::CertificateOptions;
using ::testing::HasSubstr;
using testing::make_certificates;
using ::testing::Not;
using testing::TempFolder;
using testing::WebRequest;
using testing::WebResponse;
using testing::WebServer;

struct CertificateFolder : TempFolder {
  CertificateFolder() { make_certificates(path(), {}); }
};

class Fetch : public ::testing::Test {
 protected:
  Result<Response> get(std::string url) {
    Request request;
    request.url = std::move(url);
    return run(std::move(request));
  }

  Result<Response> run(Request request) {
    std::optional<Result<Response>> result;
    auto task = [](Request what, Options how, std::optional<Result<Response>>& into) -> Task<void> {
      into.emplace(co_await fetch(std::move(what), std::move(how)));
    };
    asio::io_context io;
    asio::co_spawn(io, task(std::move(request), options, result), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return std::move(*result);
  }

  /// Tells what was asked; "/to?URL" redirects there.
  static WebResponse echo(const WebRequest& request) {
    if (request.target.starts_with("/to?")) return {302, "", {{"Location", request.target.substr(4)}}};
    if (request.target == "/again") return {302, "", {{"Location", "/again"}}};
    std::string secret;
    if (const auto found = request.headers.find("authorization"); found != request.headers.end()) secret = found->second;
    return {200, request.method + " " + request.target + " " + request.body + secret, {{"X-Kind", "echo"}}};
  }

  CertificateFolder folder;
  WebServer plain{echo};
  WebServer secure{echo, folder.path()};
  Options options;

  void SetUp() override { options.ca_file = (folder.path() / "ca.crt").string(); }
};

TEST_F(Fetch, Get_BringsStatusHeadersAndBody) {
  const auto response = get(secure.url() + "/a?b=c");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200U);
  EXPECT_EQ(response->body, "GET /a?b=c ");
  EXPECT_EQ(response->headers.at("x-kind"), "echo");
  EXPECT_EQ(response->url, secure.url() + "/a?b=c");
  EXPECT_EQ(get(plain.url()).value().body, "GET / ");
}

TEST_F(Fetch, Post_SendsItsBody) {
  Request request{"POST", secure.url() + "/token", {{"Content-Type", "application/x-www-form-urlencoded"}}, "a=b&c=d"};
  EXPECT_EQ(run(std::move(request)).value().body, "POST /token a=b&c=d");
}

TEST_F(Fetch, UntrustedIssuer_IsRefusedWithTheRemedy) {
  options.ca_file.reset();
  const auto response = get(secure.url());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::certificate);
  EXPECT_THAT(response.error().message, AllOf(HasSubstr("localhost"), HasSubstr("ca_file"), Not(HasSubstr("fingerprint"))));
}

TEST_F(Fetch, CertificateOfAnotherHost_IsRefused) {
  TempFolder other;
  CertificateOptions wrong;
  wrong.host = "elsewhere.example";
  make_certificates(other.path(), wrong);
  WebServer server(echo, other.path());
  options.ca_file = (other.path() / "ca.crt").string();
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::certificate);
}

TEST_F(Fetch, Redirects_AreFollowedUpToTheLimit) {
  EXPECT_EQ(get(plain.url() + "/to?" + secure.url() + "/there").value().body, "GET /there ");
  EXPECT_EQ(get(secure.url() + "/to?/here").value().url, secure.url() + "/here");
  const auto endless = get(secure.url() + "/again");
  ASSERT_FALSE(endless);
  EXPECT_THAT(endless.error().message, HasSubstr("redirects more than 3 times"));
}

TEST_F(Fetch, RedirectFromHttpsToHttp_IsNotFollowed) {
  const auto response = get(secure.url() + "/to?" + plain.url() + "/there");
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("isn't encrypted"));
}

TEST_F(Fetch, Secrets_DoNotFollowToAnotherOrigin) {
  WebServer other(echo, folder.path());
  Request here{"GET", secure.url() + "/to?/x", {{"Authorization", "Bearer t"}}, ""};
  EXPECT_EQ(run(here).value().body, "GET /x Bearer t");
  here.url = secure.url() + "/to?" + other.url() + "/x";
  EXPECT_EQ(run(here).value().body, "GET /x ");
  Request post{"POST", secure.url() + "/to?" + other.url() + "/x", {}, "secret"};
  EXPECT_EQ(run(post).value().status, 302U);
}

TEST_F(Fetch, LargeAnswer_IsRefused) {
  WebServer server([](const WebRequest&) { return WebResponse{200, std::string(5000, 'x')}; });
  options.max_body = 4096;
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("larger than 4096 bytes"));
}

TEST_F(Fetch, HeaderWithLineEnds_IsNeverSent) {
  Request request{"GET", plain.url(), {{"X", "a\r\nY: b"}}, ""};
  EXPECT_EQ(run(std::move(request)).error().kind, ErrorKind::configuration);
}

/// Speaks as told, then hangs up (or, told nothing, says nothing).
class RawServer {
 public:
  explicit RawServer(std::string answer)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
        url_("http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())) {
    thread_ = std::thread([this, text = std::move(answer)] {
      asio::ip::tcp::socket socket(io_);
      boost::system::error_code ignored;
      acceptor_.accept(socket, ignored);
      std::array<char, 4096> request{};
      socket.read_some(asio::buffer(request), ignored);
      if (text.empty())
        socket.read_some(asio::buffer(request), ignored);
      else
        asio::write(socket, asio::buffer(text), ignored);
    });
  }
  ~RawServer() { thread_.join(); }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  std::string url_;
  std::thread thread_;
};

TEST_F(Fetch, SilentServer_EndsAtTheDeadline) {
  RawServer server("");
  options.timeout = std::chrono::milliseconds(50);
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
  EXPECT_THAT(response.error().message, HasSubstr("127.0.0.1:"));
}

TEST_F(Fetch, ServerWithoutTls_IsNamed) {
  RawServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
  const auto response = get("https" + server.url().substr(4));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::tls);
  EXPECT_THAT(response.error().message, AllOf(HasSubstr("doesn't speak TLS"), Not(HasSubstr("starttls"))));
}

TEST_F(Fetch, OtherProtocol_IsAnError) {
  RawServer server("* OK IMAP4rev1 ready\r\n");
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::protocol);
}

TEST_F(Fetch, AnswerCutShort_IsAnError) {
  RawServer body("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(get(body.url()).error().kind, ErrorKind::network);
  RawServer header("HTTP/1.1 200 OK\r\nContent-Le");
  EXPECT_EQ(get(header.url()).error().kind, ErrorKind::network);
}

TEST_F(Fetch, ChunkedAndEndlessBodies_AreTakenWhole) {
  RawServer chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(get(chunked.url()).value().body, "abcde");
  RawServer until_end("HTTP/1.0 200 OK\r\n\r\nabc");
  EXPECT_EQ(get(until_end.url()).value().body, "abc");
}

TEST_F(Fetch, NobodyListens_NamesThePlace) {
  std::uint16_t port = 0;
  {
    const WebServer gone(echo);
    port = gone.port();
  }
  const auto response = get("http://localhost:" + std::to_string(port));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::network);
  EXPECT_THAT(response.error().message, AllOf(HasSubstr("localhost:" + std::to_string(port)), HasSubstr("refused")));
}

}  // namespace
}  // namespace mailmirror::http
