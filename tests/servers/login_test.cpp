// Signing in by OAuth2, from the first code to the day when the provider ends it: a provider of the test's own, a mail server that
// asks it.
#include "tests/servers/world.hpp"
#include "tests/support/oauth2_provider.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>

namespace mailmirror::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRemedy = "run: mailmirror login work";

std::string first_match(const std::string& text, const std::string& pattern) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? match[0].str() : "";
}

/// What a browser does at the end of a sign-in; the page's text.
std::string get(const std::string& url) {
  namespace asio = boost::asio;
  const auto host_end = url.find('/', 7);
  const auto colon = url.rfind(':', host_end);
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)))});
  asio::write(socket, asio::buffer(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", url.substr(host_end))));
  std::string page;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(page), end);
  return page;
}

/// Dovecot takes what the provider calls active; the device signs in there.
class Login : public ::testing::Test {
 protected:
  explicit Login(ProviderOptions options = {}) : provider(std::move(options)) {
    write_file(settings.path() / "oauth2.conf", fmt::format("introspection_mode = post\nintrospection_url = {}\n"
                                                            "active_attribute = active\nactive_value = true\n"
                                                            "username_attribute = username\n",
                                                            provider.introspection_url()));
    DovecotOptions dovecot;
    dovecot.certificate = Certificate::good;
    dovecot.more = fmt::format(
        "auth_mechanisms = plain xoauth2 oauthbearer\n"
        "passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {}\n}}\n",
        (settings.path() / "oauth2.conf").string());
    server.emplace(dovecot);
    AccountConfig account;
    account.host = "localhost";
    account.port = server->tls_port();
    account.tls = "implicit";
    account.password.clear();
    account.more = fmt::format(
        "ca_file = \"{}\"\n[account.work.oauth2]\nissuer = \"{}\"\nclient_id = \"client-1\"\n"
        "scopes = [\"imap\", \"offline_access\"]\nca_file = \"{}\"\n",
        server->ca_file().string(), provider.issuer(), provider.ca_file().string());
    device.emplace(account);
    device->write_config();
    ::mkfifo(typed().c_str(), 0600);
  }

  [[nodiscard]] fs::path typed() const { return device->folder() / "typed"; }
  [[nodiscard]] fs::path token_file() const { return device->state_folder() / "work/token.json"; }
  [[nodiscard]] std::string shown() const { return read_file(device->folder() / "control.err"); }

  /// `mailmirror login work` this way, left running.
  Subprocess start_login(const std::string& way) {
    return device->start_control({"login", "work", way}, device->folder() / "control.out", way == "--paste" ? typed() : fs::path());
  }

  /// The address that the user is shown.
  std::string authorize_url() {
    std::string url;
    EXPECT_TRUE(eventually(Milliseconds(10'000), [&] {
      url = first_match(shown(), "https://localhost:\\d+/authorize\\?\\S+\n");
      return !url.empty();
    })) << shown();
    return url.substr(0, url.find('\n'));
  }

  RunResult log_in() { return device->control({"login", "work", "--device"}); }

  /// As if a day had passed.
  void let_token_expire() {
    auto text = read_file(token_file());
    text = std::regex_replace(text, std::regex("\"(expires_at|obtained_at)\": \\d+"), "\"$1\": 1000000000");
    write_file(token_file(), text);
  }

  std::string status() { return device->control({"status"}).out; }

  OAuth2Provider provider;
  TempFolder settings;
  std::optional<DovecotServer> server;
  std::optional<Device> device;
};

TEST_F(Login, BeforeTheFirst_TheCommandIsNamed) {
  EXPECT_TRUE(fails_saying(*device, kRemedy));
}

TEST_F(Login, BrowserThatComesBack_SignsIn) {
  auto login = start_login("--browser");
  const auto url = authorize_url();
  const auto redirected = provider.browse(url);
  EXPECT_THAT(get(redirected.substr(0, redirected.find("/?")) + "/favicon.ico"), HasSubstr("404"));
  EXPECT_THAT(get(redirected.substr(0, redirected.find("state=")) + "state=forged"), HasSubstr("404"));
  EXPECT_THAT(get(redirected), HasSubstr("You may close this page"));
  EXPECT_EQ(login.wait_for(Milliseconds(10'000)), 0) << shown();
  EXPECT_THAT(read_file(device->folder() / "control.out"), HasSubstr("No daemon runs"));
  EXPECT_TRUE(passes(*device));
  EXPECT_THAT(provider.requests(), ElementsAre("authorization_code"));
  struct stat s {};
  ASSERT_EQ(::stat(token_file().c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 07777, 0600U);
}

TEST_F(Login, UserWhoDeclines_EndsItWithoutTokens) {
  auto login = start_login("--browser");
  get(provider.browse(authorize_url(), OAuth2Provider::User::declines));
  EXPECT_EQ(login.wait_for(Milliseconds(10'000)), 1);
  EXPECT_THAT(shown(), HasSubstr("declined"));
  EXPECT_FALSE(fs::exists(token_file()));
}

TEST_F(Login, PastedAddress_SignsIn) {
  const int keyboard = ::open(typed().c_str(), O_RDWR | O_CLOEXEC);
  auto login = start_login("--paste");
  const auto redirected = provider.browse(authorize_url());
  const auto type = [&](const std::string& line) { return ::write(keyboard, (line + "\n").data(), line.size() + 1) > 0; };
  ASSERT_TRUE(type("http://127.0.0.1:47011/?code=stolen&state=forged"));
  EXPECT_TRUE(eventually(Milliseconds(10'000), [&] { return says(shown(), "doesn't belong to this sign-in"); })) << shown();
  ASSERT_TRUE(type(redirected));
  EXPECT_EQ(login.wait_for(Milliseconds(10'000)), 0) << shown();
  ::close(keyboard);
  EXPECT_TRUE(passes(*device));
}

TEST_F(Login, WithJson_TheResultIsADocument) {
  const auto result = device->control({"login", "work", "--device", "--json"});
  EXPECT_EQ(result.code, 0) << result;
  EXPECT_THAT(result.out, HasSubstr("\"signed_in\": true"));
  EXPECT_THAT(result.err, HasSubstr("WDJB-MJHT"));
}

TEST_F(Login, AccountWithoutOAuth2_IsToldSo) {
  device->account.more.clear();
  device->account.password = "pw";
  device->write_config();
  const auto result = log_in();
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_THAT(result.err, HasSubstr("[account.work.oauth2]"));
}

TEST_F(Login, TokenOfAnotherMailbox_IsNoticedAtOnce) {
  device->account.user = "u2";
  device->write_config();
  const auto result = log_in();
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_THAT(result.err, HasSubstr("Did u2 sign in"));
}

TEST_F(Login, ExpiredToken_IsRenewedBeforeItIsShownToTheServer) {
  ASSERT_EQ(log_in().code, 0);
  let_token_expire();
  EXPECT_TRUE(passes(*device));
  EXPECT_TRUE(passes(*device));
  EXPECT_THAT(provider.requests(), ElementsAre("device_code", "refresh_token"));
  EXPECT_FALSE(says(read_file(server->log_file()), "auth failed"));
}

TEST_F(Login, TokenThatTheServerRefuses_IsRenewedAndTriedOnceMore) {
  ASSERT_EQ(log_in().code, 0);
  provider.end_access_tokens();
  EXPECT_TRUE(passes(*device));
  EXPECT_THAT(provider.requests(), ElementsAre("device_code", "refresh_token"));
}

TEST_F(Login, NewTokenThatIsRefusedToo_EndsTheAttempts) {
  ASSERT_EQ(log_in().code, 0);
  provider.let_nobody_in();
  auto daemon = device->start_daemon();
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return says(status(), kRemedy); })) << status();
  EXPECT_THAT(device->control({"status", "--json"}).out, HasSubstr("does the provider allow IMAP"));
  EXPECT_EQ(device->control({"sync", "--wait"}).code, 1);
  EXPECT_THAT(provider.requests(), ElementsAre("device_code", "refresh_token"));
}

TEST_F(Login, RevokedSignIn_ShowsInStatusAndALoginMendsItWithoutARestart) {
  ASSERT_EQ(log_in().code, 0);
  provider.revoke_everything();
  auto daemon = device->start_daemon();
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return says(status(), kRemedy); })) << status();
  EXPECT_THAT(status(), HasSubstr("failed"));
  EXPECT_TRUE(says(device->control({"status", "--json"}).out, "\"state\": \"failed\""));
  const auto before = provider.requests();
  EXPECT_THAT(before, ElementsAre("device_code", "refresh_token!"));
  EXPECT_EQ(device->control({"sync", "--wait"}).code, 1);
  EXPECT_EQ(provider.requests(), before) << "a revoked token isn't tried without end";
  const auto mended = log_in();
  EXPECT_EQ(mended.code, 0) << mended;
  EXPECT_THAT(mended.out, HasSubstr("The daemon goes on with work"));
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return says(status(), "idle"); })) << status();
  EXPECT_TRUE(daemon.process().running());
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(Login, KilledAfterTheFileWasReplaced_TheSignInGoesOn) {
  ASSERT_EQ(log_in().code, 0);
  ASSERT_TRUE(passes(*device));
  let_token_expire();
  const auto steps = device->folder() / "steps";
  device->meddling = Meddling{.steps = steps};
  ASSERT_TRUE(passes(*device));
  const auto renamed = std::stoul(first_match(read_file(steps), "\\d+ renameat\n"));
  for (std::size_t step = renamed + 1; step < renamed + 4; ++step) {
    SCOPED_TRACE(step);
    let_token_expire();
    const auto renewals = provider.requests().size();
    device->meddling = Meddling{.dies_at = step};
    EXPECT_EQ(device->once().code, kDiedAtStep);
    EXPECT_EQ(provider.requests().size(), renewals + 1);
    // The provider takes each refresh token once: only the newest is worth anything.
    const auto newest = first_match(read_file(token_file()), "refresh-\\d+-canary");
    let_token_expire();
    device->meddling.reset();
    EXPECT_TRUE(passes(*device)) << newest;
  }
  EXPECT_THAT(provider.requests(), Not(::testing::Contains("refresh_token!")));
}

std::string base64(const std::string& bytes) {
  std::string text(bytes.size() * 2 + 4, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  return text;
}

std::string arguments_of_all_processes() {
  std::string all;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::error_code gone;
    if (!fs::exists(entry.path() / "cmdline", gone)) continue;
    try {
      all += read_file(entry.path() / "cmdline");
    } catch (const std::exception&) {
      // It ended just now.
    }
  }
  return all;
}

TEST_F(Login, Tokens_ShowInNoLogMessageOrArgument) {
  device->more_daemon = "log_level = \"trace\"\n";
  device->write_config();
  auto login = start_login("--browser");
  get(provider.browse(authorize_url()));
  std::string seen = arguments_of_all_processes();
  EXPECT_EQ(login.wait_for(Milliseconds(10'000)), 0);
  seen += shown() + read_file(device->folder() / "control.out");
  let_token_expire();
  auto running = device->start({"--once"});
  seen += arguments_of_all_processes();
  EXPECT_EQ(running.process().wait_for(Milliseconds(30'000)), 0);
  seen += running.errors();
  ASSERT_THAT(seen, HasSubstr("C: ")) << "the wire was traced";
  provider.revoke_everything();
  let_token_expire();
  seen += device->once().err;
  for (const auto& secret : provider.secrets()) {
    EXPECT_THAT(seen, Not(HasSubstr(secret)));
    const auto bearer = fmt::format(
        "n,a=u1,\x01host=localhost\x01port={}\x01"
        "auth=Bearer {}\x01\x01",
        device->account.port, secret);
    EXPECT_THAT(seen, Not(HasSubstr(base64(bearer))));
  }
  for (const auto& entry : fs::recursive_directory_iterator(device->state_folder())) {
    if (entry.is_regular_file() && entry.path() != token_file()) {
      EXPECT_THAT(read_file(entry.path()), Not(HasSubstr("canary"))) << entry.path();
    }
  }
}

class PatientLogin : public Login {
 protected:
  PatientLogin() : Login({.device_answers = {"authorization_pending", "slow_down"}}) {}
};

TEST_F(PatientLogin, CodeThatIsConfirmedLate_IsWaitedFor) {
  auto login = device->start({"--login", "work", "--device"});
  EXPECT_EQ(login.process().wait_for(Milliseconds(20'000)), 0) << login.errors();
  EXPECT_THAT(login.errors(), HasSubstr("https://stub.example/device"));
  EXPECT_THAT(login.errors(), HasSubstr("WDJB-MJHT"));
  EXPECT_THAT(provider.requests(), ElementsAre("device_code!", "device_code!", "device_code"));
}

class DeniedLogin : public Login {
 protected:
  DeniedLogin() : Login({.device_answers = {"access_denied"}}) {}
};

TEST_F(DeniedLogin, Code_EndsWithAnError) {
  const auto result = log_in();
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_THAT(result.err, HasSubstr("declined"));
}

}  // namespace
}  // namespace mailmirror::testing
