// What can be wrong between here and the server, and in which words the user hears of it.
#include "tests/servers/world.hpp"

namespace mailmirror::testing {
namespace {

TEST(Login, WrongPassword_FailsAndNamesTheAccount) {
  World world;
  world.device.account.password = "wrong";
  EXPECT_TRUE(fails_saying(world.device, "work.*(password|log ?in|authenticat|credential)"));
}

TEST(Login, PasswordCommand_IsRun) {
  World world;
  world.fill("INBOX", 1);
  world.device.account.password.clear();
  world.device.account.more = "password_command = \"echo pw\"\n";
  EXPECT_TRUE(passes_and_same(world));
}

TEST(Login, PasswordCommandFails_IsToldAndNoLoginTried) {
  World world;
  world.device.account.password.clear();
  world.device.account.more = "password_command = \"exit 3\"\n";
  EXPECT_TRUE(fails_saying(world.device, "command.*(exit 3|status 3)"));
}

TEST(Login, PasswordFile_IsRead) {
  World world;
  world.device.account.password.clear();
  write_file(world.device.folder() / "secret", "pw\n");
  fs::permissions(world.device.folder() / "secret", fs::perms(0600));
  world.device.account.more = "password_file = \"" + (world.device.folder() / "secret").string() + "\"\n";
  EXPECT_TRUE(passes_and_same(world));
}

TEST(Network, UnknownHost_FailsAndNamesIt) {
  Device device({.host = "imap.nowhere.invalid", .port = 993, .tls = "implicit"});
  EXPECT_TRUE(fails_saying(device, "imap\\.nowhere\\.invalid"));
}

TEST(Network, TypoInTheHostMended_BeginsAsIfNothingHadBeen) {
  World world;
  world.device.account.host = "127.0.0.9";
  EXPECT_TRUE(fails_saying(world.device, "127.0.0.9.*refused"));
  world.device.account.host = "127.0.0.1";
  world.fill("INBOX", 1);
  EXPECT_TRUE(passes_and_same(world));
  world.device.account.host = "localhost";
  EXPECT_TRUE(fails_saying(world.device, "was made for .* on 127.0.0.1")) << "now there is something to be mixed up";
}

TEST(Network, RefusedConnection_FailsAndSaysSo) {
  Device device({.port = free_port()});
  EXPECT_TRUE(fails_saying(device, "work.*refused"));
}

TEST(Network, NotAnImapServer_FailsInsteadOfWaiting) {
  DovecotServer server({.certificate = Certificate::good});
  Device device({.host = "localhost", .port = server.port(), .tls = "implicit"});
  EXPECT_TRUE(fails_saying(device, "work"));
}

struct TlsCase {
  const char* name;
  Certificate certificate;
  /// Empty: it works.
  const char* words;
};
std::ostream& operator<<(std::ostream& stream, const TlsCase& tls) {
  return stream << tls.name;
}

const TlsCase kTlsCases[] = {
    {"good", Certificate::good, ""},
    {"expired", Certificate::expired, "expired"},
    {"self_signed", Certificate::self_signed, "certificate.*(self|trust|issuer|verif)|(self|trust|issuer|verif).*certificate"},
    {"wrong_host", Certificate::wrong_host, "certificate.*(localhost|host|name)|(localhost|host ?name).*certificate"}};

class Tls : public ::testing::TestWithParam<std::tuple<TlsCase, const char*>> {
 protected:
  TlsCase tls = std::get<0>(GetParam());
  std::string mode = std::get<1>(GetParam());
  DovecotServer server{{.certificate = tls.certificate}};
  Device device{{.host = "localhost", .port = mode == "implicit" ? server.tls_port() : server.port(), .tls = mode}};
};
INSTANTIATE_TEST_SUITE_P(Cases, Tls, ::testing::Combine(::testing::ValuesIn(kTlsCases), ::testing::Values("implicit", "starttls")),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) + "_" + std::get<1>(test.param);
                         });

TEST_P(Tls, Certificate_IsJudged) {
  device.account.more = "ca_file = \"" + server.ca_file().string() + "\"\n";
  ImapProbe probe(server.port(), "u1");
  probe.append("INBOX", "Subject: secret\r\n\r\nhello\r\n");
  if (*tls.words == '\0') {
    EXPECT_TRUE(passes(device));
    EXPECT_TRUE(same_on_both_sides(probe, device));
  } else {
    EXPECT_TRUE(fails_saying(device, tls.words));
    EXPECT_TRUE(device.maildir().files("INBOX").empty());
  }
}

TEST_P(Tls, CertificateOfAnUnknownAuthority_IsRefused) {
  EXPECT_TRUE(fails_saying(device, "certificate"));
}

TEST(TlsPolicy, PlainTextToAnotherHost_RefusedByTheConfiguration) {
  Device device({.host = "imap.example.org", .port = 143});
  const RunResult result = device.once();
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "insecure_plaintext")) << result;
}

TEST(TlsPolicy, StartTlsNotOffered_NoPasswordGoesOut) {
  DovecotServer server;
  Device device({.host = "localhost", .port = server.port(), .tls = "starttls"});
  EXPECT_TRUE(fails_saying(device, "STARTTLS"));
  EXPECT_FALSE(says(read_file(server.log_file()), "Login: user=<u1>"));
}

}  // namespace
}  // namespace mailmirror::testing
