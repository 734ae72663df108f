// Every way to log in, against the servers that have it: with the right secret the account is mirrored, with a wrong one the user
// hears what is wrong.
#include "tests/servers/world.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/cyrus_server.hpp"
#include "tests/support/token_server.hpp"

#include <fmt/format.h>

namespace mailmirror::testing {
namespace {

constexpr const char* kRefused = "work.*(refuses|authentication)";

/// A device of u1 at this server, over TLS of this kind ("implicit", "starttls").
template <class Server>
AccountConfig account_at(const Server& server, const std::string& tls, const std::string& auth) {
  AccountConfig account;
  account.host = "localhost";
  account.port = tls == "implicit" ? server.tls_port() : server.port();
  account.tls = tls;
  account.more = fmt::format("ca_file = \"{}\"\nauth = \"{}\"\n", server.ca_file().string(), auth);
  return account;
}

struct Way {
  /// As configured.
  const char* auth;
  /// The mechanism that the server is to see.
  const char* mechanism;
};
std::ostream& operator<<(std::ostream& stream, const Way& way) {
  return stream << way.auth;
}
using WayOverTls = std::tuple<Way, const char*>;

std::string way_name(const ::testing::TestParamInfo<WayOverTls>& test) {
  std::string name = std::get<0>(test.param).auth;
  std::replace(name.begin(), name.end(), '-', '_');
  return name + "_over_" + std::get<1>(test.param);
}

const auto kTlsModes = ::testing::Values("implicit", "starttls");

DovecotOptions dovecot_with(std::string mechanisms, std::string more = "") {
  DovecotOptions options;
  options.certificate = Certificate::good;
  options.more = "auth_mechanisms = " + std::move(mechanisms) + "\n" + std::move(more);
  return options;
}

class DovecotPassword : public ::testing::TestWithParam<WayOverTls> {
 protected:
  Way way = std::get<0>(GetParam());
  DovecotServer server{dovecot_with("plain login scram-sha-1 scram-sha-256")};
  Device device{account_at(server, std::get<1>(GetParam()), way.auth)};
};
INSTANTIATE_TEST_SUITE_P(By, DovecotPassword,
                         ::testing::Combine(::testing::Values(Way{"plain", "PLAIN"}, Way{"login", "LOGIN"},
                                                              Way{"scram-sha-1", "SCRAM-SHA-1"},
                                                              Way{"scram-sha-256", "SCRAM-SHA-256"}, Way{"auto", "SCRAM-SHA-256"}),
                                            kTlsModes),
                         way_name);

TEST_P(DovecotPassword, RightPassword_Opens) {
  EXPECT_TRUE(passes(device));
  EXPECT_TRUE(says(read_file(server.log_file()), fmt::format("Login: user=<u1>, method={},.* TLS", way.mechanism)));
}

TEST_P(DovecotPassword, WrongPassword_IsRefusedAndNotTriedAgain) {
  device.account.password = "wrong";
  EXPECT_TRUE(fails_saying(device, kRefused));
  EXPECT_TRUE(says(read_file(server.log_file()), fmt::format("auth failed, 1 attempts.* method={},", way.mechanism)));
}

/// Dovecot offers what is configured, whatever it has stored of the user.
TEST(DovecotWithoutScramKeys, Auto_GoesOnWithPlain) {
  auto options = dovecot_with("plain scram-sha-256");
  options.kept_password = "{SHA256.hex}30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4";
  DovecotServer server(options);
  Device device(account_at(server, "implicit", "auto"));
  EXPECT_TRUE(passes(device));
  EXPECT_TRUE(says(read_file(server.log_file()), "Login: user=<u1>, method=PLAIN,"));
  device.account.password = "wrong";
  EXPECT_TRUE(fails_saying(device, kRefused));
}

class DovecotToken : public ::testing::TestWithParam<WayOverTls> {
 protected:
  DovecotToken() {
    write_file(settings.path() / "oauth2.conf", fmt::format("introspection_mode = post\n"
                                                            "introspection_url = http://127.0.0.1:{}/introspect\n"
                                                            "active_attribute = active\nactive_value = true\n"
                                                            "username_attribute = username\n",
                                                            tokens.port()));
    server.emplace(dovecot_with("plain xoauth2 oauthbearer",
                                fmt::format("passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {}\n}}\n",
                                            (settings.path() / "oauth2.conf").string())));
    device.emplace(account_at(*server, std::get<1>(GetParam()), std::get<0>(GetParam()).auth));
    device->account.password.clear();
  }
  void give_token(const std::string& token) { device->account.more += "token_command = \"echo " + token + "\"\n"; }

  TokenServer tokens;
  TempFolder settings;
  std::optional<DovecotServer> server;
  std::optional<Device> device;
};
INSTANTIATE_TEST_SUITE_P(By, DovecotToken,
                         ::testing::Combine(::testing::Values(Way{"xoauth2", "XOAUTH2"}, Way{"oauthbearer", "OAUTHBEARER"},
                                                              Way{"auto", "OAUTHBEARER"}),
                                            kTlsModes),
                         way_name);

TEST_P(DovecotToken, GoodToken_Opens) {
  give_token(TokenServer::kGoodToken);
  EXPECT_TRUE(passes(*device)) << read_file(server->log_file());
  EXPECT_TRUE(says(read_file(server->log_file()), fmt::format("method={},", std::get<0>(GetParam()).mechanism)));
}

TEST_P(DovecotToken, ExpiredToken_IsRefused) {
  give_token(TokenServer::kExpiredToken);
  EXPECT_TRUE(fails_saying(*device, kRefused));
}

/// A server that lets in by the client's certificate.
class DovecotExternal : public ::testing::TestWithParam<const char*> {
 protected:
  DovecotExternal() {
    device.account.password.clear();
    device.account.more += fmt::format("client_cert = \"{}\"\nclient_key = \"{}\"\n", server.client_certificate().string(),
                                       server.client_key().string());
  }
  static DovecotOptions options() {
    return dovecot_with("plain external",
                        "passdb {\n  driver = static\n  mechanisms = external\n  args = nopassword\n}\n"
                        "ssl_verify_client_cert = yes\nssl_require_crl = no\nauth_ssl_username_from_cert = yes\n");
  }

  DovecotServer server{options()};
  Device device{account_at(server, GetParam(), "external")};
};
INSTANTIATE_TEST_SUITE_P(Over, DovecotExternal, kTlsModes, [](const auto& test) { return std::string(test.param); });

TEST_P(DovecotExternal, CertificateOfTheUser_Opens) {
  EXPECT_TRUE(passes(device)) << read_file(server.log_file());
  EXPECT_TRUE(says(read_file(server.log_file()), "Login: user=<u1>, method=EXTERNAL,"));
}

TEST_P(DovecotExternal, OtherUsersCertificate_IsRefused) {
  device.account.user = "u2";
  EXPECT_TRUE(fails_saying(device, kRefused));
}

TEST_P(DovecotExternal, CertificateOfAnotherAuthority_IsRefused) {
  TempFolder elsewhere;
  make_certificates(elsewhere.path(), {});
  device.account.more =
      fmt::format("ca_file = \"{}\"\nauth = \"external\"\nclient_cert = \"{}\"\nclient_key = \"{}\"\n", server.ca_file().string(),
                  (elsewhere.path() / "client.crt").string(), (elsewhere.path() / "client.key").string());
  EXPECT_TRUE(fails_saying(device, "work.*(client certificate|refuses|EXTERNAL)"));
}

TEST_P(DovecotExternal, NoCertificate_TheUserHearsOfIt) {
  device.account.more = fmt::format("ca_file = \"{}\"\nauth = \"external\"\n", server.ca_file().string());
  const auto result = device.once();
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "client_cert")) << result;
}

class CyrusPassword : public ::testing::TestWithParam<WayOverTls> {
 protected:
  void SetUp() override {
    if (!CyrusServer::available()) GTEST_SKIP() << CyrusServer::kHowToGetIt;
    server.emplace();
    device.emplace(account_at(*server, std::get<1>(GetParam()), std::get<0>(GetParam()).auth));
  }
  std::optional<CyrusServer> server;
  std::optional<Device> device;
};
INSTANTIATE_TEST_SUITE_P(By, CyrusPassword,
                         ::testing::Combine(::testing::Values(Way{"plain", "PLAIN"}, Way{"login", "LOGIN"},
                                                              Way{"scram-sha-1", "SCRAM-SHA-1"},
                                                              Way{"scram-sha-256", "SCRAM-SHA-256"}, Way{"auto", "SCRAM-SHA-256"}),
                                            kTlsModes),
                         way_name);

TEST_P(CyrusPassword, RightPassword_Opens) {
  EXPECT_TRUE(passes(*device));
  EXPECT_TRUE(says(read_file(server->log_file()), fmt::format("login: .* u1 {}\\+TLS", std::get<0>(GetParam()).mechanism)));
}

TEST_P(CyrusPassword, WrongPassword_IsRefused) {
  device->account.password = "wrong";
  EXPECT_TRUE(fails_saying(*device, kRefused));
}

/// Cyrus binds by tls-unique alone, which TLS 1.3 doesn't have: a login that has to be bound can't be.
TEST(CyrusBinding, NamedMethodThatBinds_IsNotWatered) {
  if (!CyrusServer::available()) GTEST_SKIP() << CyrusServer::kHowToGetIt;
  CyrusServer server;
  for (const char* auth : {"scram-sha-256-plus", "scram-sha-1-plus"}) {
    Device device(account_at(server, "implicit", auth));
    EXPECT_TRUE(fails_saying(device, "refuses the login: bad protocol"));
  }
}

}  // namespace
}  // namespace mailmirror::testing
