// `mailmirror doctor`: each fault that is planted is named, with what mends it.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mailmirror::testing {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Doctor : public ::testing::Test {
 protected:
  Json findings() {
    world.device.write_config();
    return look();
  }

  /// Without writing the configuration again.
  Json look() {
    last = world.device.control({"doctor", "--json"});
    return Json::parse(last.out).at("findings");
  }

  /// "STATE: message -> remedy" of the first finding of this check that isn't ok, else of its first.
  static std::string told(const Json& findings, const std::string& check) {
    std::string text;
    for (const auto& finding : findings) {
      if (finding.at("check") != check) continue;
      const auto remedy = finding.at("remedy").is_null() ? std::string() : " -> " + finding.at("remedy").get<std::string>();
      const auto one = finding.at("state").get<std::string>() + ": " + finding.at("message").get<std::string>() + remedy;
      if (finding.at("state") != "ok") return one;
      if (text.empty()) text = one;
    }
    return text;
  }

  World world;
  RunResult last;
};

TEST_F(Doctor, AllIsWell_Exit0AndEachCheckIsNamed) {
  const auto daemon = world.device.start_daemon();
  const auto all = findings();
  EXPECT_EQ(last.code, 0) << last;
  for (const char* check : {"configuration", "permissions", "daemon", "file watches", "maildir", "disk", "file system", "instance",
                            "name", "TLS", "login", "capabilities"})
    EXPECT_THAT(told(all, check), ::testing::StartsWith("ok: ")) << check;
  EXPECT_THAT(told(all, "instance"), HasSubstr("the running daemon mirrors it"));
  EXPECT_NE(told(all, "clock"), "");
}

TEST_F(Doctor, Words_FitTheTerminalAndHoldNoEscapes) {
  world.device.account.host = "127.0.0.9";
  world.device.write_config();
  const auto result = world.device.control({"doctor"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("this machine\n"), HasSubstr("\naccount work\n"), HasSubstr("-> "), HasSubstr("fault"),
                                Not(HasSubstr("\x1b"))));
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(line.size() <= 80U || line.find('/') != std::string::npos) << line;
}

TEST_F(Doctor, NoConfiguration_PointsToInit) {
  const auto result = world.device.control({"doctor", "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(told(Json::parse(result.out).at("findings"), "configuration"), HasSubstr("-> mailmirror init ADDRESS"));
}

TEST_F(Doctor, MistakeInTheConfiguration_IsToldWithItsPlace) {
  world.device.account.more = "hosst = \"x\"\n";
  EXPECT_THAT(told(findings(), "configuration"), AllOf(HasSubstr("fail: "), HasSubstr("config.toml:"), HasSubstr("hosst")));
}

TEST_F(Doctor, AccountThatIsNone_Exit2) {
  world.device.write_config();
  const auto result = world.device.control({"doctor", "play"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("no account 'play'"));
}

TEST_F(Doctor, WrongPassword_IsToldAsALoginThatFails) {
  world.device.account.password = "wrong";
  const auto all = findings();
  EXPECT_THAT(told(all, "login"), AllOf(HasSubstr("fail: "), HasSubstr("-> are 'user' and password right?")));
  EXPECT_THAT(told(all, "TLS"), HasSubstr("ok: "));
  EXPECT_THAT(last.out, Not(HasSubstr("\"wrong\"")));
}

TEST_F(Doctor, PasswordCommandThatFails_IsNamed) {
  world.device.account.password.clear();
  world.device.account.more = "password_command = \"exit 3\"\n";
  EXPECT_THAT(told(findings(), "password"), AllOf(HasSubstr("fail: "), HasSubstr("run the command yourself and compare: exit 3")));
}

TEST_F(Doctor, PasswordFileThatOthersRead_GetsItsChmod) {
  const auto file = world.device.folder() / "secret";
  write_file(file, "pw\n");
  fs::permissions(file, fs::perms(0644));
  world.device.account.password.clear();
  world.device.account.more = "password_file = \"" + file.string() + "\"\n";
  EXPECT_THAT(told(findings(), "permissions"),
              AllOf(HasSubstr("fail: others may read"), HasSubstr("-> chmod 600 " + file.string())));
}

TEST_F(Doctor, ConfigurationThatOthersWrite_GetsItsChmod) {
  world.device.account.password.clear();
  world.device.account.more = "password_command = \"echo pw\"\n";
  world.device.write_config();
  fs::permissions(world.device.config_file(), fs::perms(0666));
  EXPECT_THAT(told(look(), "permissions"), AllOf(HasSubstr("fail: others may change"), HasSubstr("-> chmod go-w ")));
}

TEST_F(Doctor, UnknownHost_IsTold) {
  world.device.account.host = "imap.nowhere.invalid";
  world.device.account.tls = "implicit";
  EXPECT_THAT(told(findings(), "name"), AllOf(HasSubstr("fail: imap.nowhere.invalid"), HasSubstr("-> ")));
}

TEST_F(Doctor, NothingListens_IsToldAsTheConnection) {
  world.device.account.port = free_port();
  EXPECT_THAT(told(findings(), "connection"), AllOf(HasSubstr("fail: "), HasSubstr("refused"), HasSubstr("openssl s_client")));
}

TEST_F(Doctor, NoDaemon_IsAWarningAlone) {
  const auto all = findings();
  EXPECT_THAT(told(all, "daemon"), AllOf(HasSubstr("warn: "), HasSubstr("-> start it")));
  EXPECT_EQ(last.code, 0) << last;
}

TEST_F(Doctor, AnotherInstance_IsNamedByItsPid) {
  const auto daemon = world.device.start_daemon();
  // The same state, another socket: to this one the daemon is a stranger.
  world.device.write_config();
  auto text = read_file(world.device.config_file());
  const auto at = text.find("socket = ");
  text.replace(at, text.find('\n', at) - at, "socket = \"" + (world.device.folder() / "run/other.sock").string() + "\"");
  write_file(world.device.config_file(), text);
  last =
      run({.arguments = {Device::daemon_path().string(), "--doctor", "--json", "--config", world.device.config_file().string()}});
  EXPECT_THAT(told(Json::parse(last.out).at("findings"), "instance"),
              AllOf(HasSubstr("warn: another mailmirrord (pid "), HasSubstr("-> ")));
}

TEST_F(Doctor, MaildirThatIsAFile_IsTold) {
  fs::remove_all(world.device.account.maildir);
  write_file(world.device.account.maildir, "x");
  EXPECT_THAT(told(findings(), "maildir"), AllOf(HasSubstr("fail: "), HasSubstr("is no directory"), HasSubstr("-> ")));
}

struct TlsFault {
  Certificate certificate;
  const char* words;
  bool trusts_the_issuer = true;
};

TEST(DoctorTls, BadCertificates_AreToldApart) {
  for (const auto& [certificate, words, trusts] :
       {TlsFault{Certificate::expired, "expired on"}, TlsFault{Certificate::wrong_host, "is for another host"},
        TlsFault{Certificate::self_signed, "is self-signed"},
        TlsFault{Certificate::good, "is from an issuer that isn't trusted here", false}}) {
    const DovecotServer server({.certificate = certificate});
    Device device({.host = "localhost", .port = server.tls_port(), .tls = "implicit"});
    if (trusts) device.account.more = "ca_file = \"" + server.ca_file().string() + "\"\n";
    device.write_config();
    const auto result = device.control({"doctor"});
    EXPECT_EQ(result.code, 1);
    std::string flat;
    std::unique_copy(result.out.begin(), result.out.end(), std::back_inserter(flat),
                     [](char a, char b) { return std::isspace(a) && std::isspace(b); });
    std::replace(flat.begin(), flat.end(), '\n', ' ');
    EXPECT_THAT(flat, AllOf(HasSubstr("TLS fail"), HasSubstr(words), HasSubstr("Never switch the check off"))) << words;
  }
}

TEST(DoctorCapabilities, ServerOf1996_IsToldWithTheCost) {
  World world({.profile = Profile::no_uidplus});
  world.device.write_config();
  const auto result = world.device.control({"doctor", "work", "--json"});
  EXPECT_EQ(result.code, 0) << result;
  EXPECT_THAT(result.out, HasSubstr("no UIDPLUS: uploads have to be searched for afterwards"));
}

}  // namespace
}  // namespace mailmirror::testing
