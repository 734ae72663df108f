// `mailmirror init`: from an address to a configuration that works, on a terminal and in a script.
#include "tests/servers/world.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/dns_responder.hpp"
#include "tests/support/pty_process.hpp"
#include "tests/support/web_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <atomic>
#include <mutex>

namespace mailmirror::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kDomain = "example.test";
constexpr const char* kAutoconfigHost = "autoconfig.example.test";

std::string autoconfig(std::uint16_t port) {
  return fmt::format(R"(<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.test"><domain>example.test</domain>
<incomingServer type="imap"><hostname>localhost</hostname><port>{}</port><socketType>SSL</socketType>
<authentication>password-cleartext</authentication><username>%EMAILLOCALPART%</username></incomingServer>
</emailProvider></clientConfig>)",
                     port);
}

mode_t mode_of(const fs::path& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 ? s.st_mode & 0777 : 0;
}

/// A home without a configuration, a mail server with TLS, and the DNS and the web of example.test.
class Init : public ::testing::Test {
 protected:
  Init() {
    make_certificates(folder.path() / "web", {.host = kAutoconfigHost, .authority = "the web's authority"});
    write_file(folder.path() / "ca.pem", read_file(server.ca_file()) + read_file(folder.path() / "web/ca.crt"));
    web.emplace([this](const WebRequest& request) { return answer(request); }, folder.path() / "web");
  }

  WebResponse answer(const WebRequest& request) {
    const std::lock_guard lock(mutex);
    asked.push_back(request.target);
    if (page.empty() || !request.target.starts_with("/mail/config-v1.1.xml")) return {404};
    return {200, page, {{"Content-Type", "text/xml"}}};
  }

  void publish(const std::string& document) {
    const std::lock_guard lock(mutex);
    page = document;
  }

  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"HOME", home().string()},
            {"XDG_CONFIG_HOME", (home() / ".config").string()},
            {"XDG_STATE_HOME", (home() / ".local/state").string()},
            {"XDG_RUNTIME_DIR", (home() / "run").string()},
            {"PATH", Device::path_with_programs()},
            {"TERM", "xterm"},
            {"MAILMIRROR_DNS_SERVER", dns.address()},
            {"MAILMIRROR_CONNECT_TO", "127.0.0.1:" + std::to_string(web->port())}};
  }

  [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> all{Device::control_path().string(), "init", "u1@example.test", "--ca-file",
                                 (folder.path() / "ca.pem").string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  [[nodiscard]] RunResult script(const std::vector<std::string>& more) const {
    return run({.arguments = words(more), .environment = environment()});
  }

  [[nodiscard]] fs::path home() const { return folder.path() / "home"; }
  [[nodiscard]] fs::path config() const { return home() / ".config/mailmirror/config.toml"; }
  [[nodiscard]] fs::path password_file() const { return home() / ".config/mailmirror/example.password"; }
  fs::path write_password(const std::string& password) {
    write_file(folder.path() / "pw", password + "\n");
    return folder.path() / "pw";
  }
  /// Nothing but what was there is there.
  [[nodiscard]] bool left_nothing() const { return !fs::exists(home() / ".config") && !fs::exists(home() / "Mail"); }

  /// The configuration that was written mirrors the account.
  [[nodiscard]] RunResult mirror() const {
    return run({.arguments = {Device::daemon_path().string(), "--once"}, .environment = environment()});
  }

  TempFolder folder;
  DovecotServer server{{.certificate = Certificate::good}};
  DnsResponder dns;
  std::mutex mutex;
  std::string page;
  std::vector<std::string> asked;
  std::optional<WebServer> web;
};

TEST_F(Init, Dialogue_FindsServerRefusesWrongPasswordWritesWhatWorks) {
  publish(autoconfig(server.tls_port()));
  ImapProbe(server.port(), "u1").append("INBOX", "Subject: one\r\n\r\nbody\r\n");
  PtyProcess wizard(words({}), environment());
  ASSERT_TRUE(wizard.shows(fmt::format("server   localhost, port {}, TLS from the start", server.tls_port()))) << wizard.screen();
  ASSERT_TRUE(wizard.shows("user     u1")) << wizard.screen();
  ASSERT_TRUE(wizard.shows("told by  https://autoconfig.example.test/mail/config-v1.1.xml")) << wizard.screen();
  ASSERT_TRUE(wizard.shows("Use this server?")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("Name for this account [example]:")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("Directory for the mail [~/Mail/example]:")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("1 or 2 [1]:")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("Password of u1 at localhost:")) << wizard.screen();
  wizard.type_line("swordfish");
  ASSERT_TRUE(wizard.shows("mailmirror: ")) << wizard.screen();
  ASSERT_TRUE(wizard.shows("User name there [u1]:")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("Password of u1 at localhost:")) << wizard.screen();
  EXPECT_TRUE(left_nothing());
  wizard.type_line("pw");
  ASSERT_TRUE(wizard.shows("it works: 6 mailboxes, 1 message, ")) << wizard.screen();
  ASSERT_TRUE(wizard.shows("Written: " + config().string())) << wizard.screen();
  ASSERT_EQ(wizard.wait_for_end(), 0) << wizard.screen();
  EXPECT_THAT(wizard.screen(), Not(HasSubstr("swordfish")));
  EXPECT_EQ(mode_of(config()), 0600U);
  EXPECT_EQ(mode_of(password_file()), 0600U);
  EXPECT_EQ(mode_of(config().parent_path()), 0700U);
  const auto mirrored = mirror();
  EXPECT_EQ(mirrored.code, 0) << mirrored;
  EXPECT_TRUE(fs::exists(home() / "Mail/example/INBOX/cur") || fs::exists(home() / "Mail/example/INBOX/new"));
}

TEST_F(Init, CtrlCAtThePassword_LeavesNothingAndTheTerminalAsItWas) {
  publish(autoconfig(server.tls_port()));
  PtyProcess wizard(words({"--account", "example", "--maildir", "~/Mail/example"}), environment());
  ASSERT_TRUE(wizard.shows("Use this server?")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("1 or 2 [1]:")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("Password of u1 at localhost:")) << wizard.screen();
  EXPECT_FALSE(wizard.echoes());
  wizard.type("\x03");
  const auto ended = wizard.wait_for_end();
  ASSERT_TRUE(ended.has_value()) << wizard.screen();
  EXPECT_NE(*ended, 0);
  EXPECT_TRUE(wizard.echoes());
  EXPECT_TRUE(left_nothing());
}

TEST_F(Init, Script_NeedsNoTerminal) {
  publish(autoconfig(server.tls_port()));
  const auto result = script({"--yes", "--password-file", write_password("pw").string()});
  ASSERT_EQ(result.code, 0) << result;
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(read_file(config()), HasSubstr("host = \"localhost\"\n"));
  EXPECT_EQ(mirror().code, 0);
}

TEST_F(Init, ConfigurationNamedByARelativePath_IsWrittenThere) {
  publish(autoconfig(server.tls_port()));
  const auto here = fs::relative(folder.path() / "mine.toml").string();
  const auto result = script({"--yes", "--config", here, "--password-file", write_password("pw").string()});
  ASSERT_EQ(result.code, 0) << result;
  EXPECT_THAT(result.out, HasSubstr("Start mirroring by: mailmirrord --config "));
  EXPECT_EQ(mode_of(folder.path() / "mine.toml"), 0600U);
  EXPECT_TRUE(left_nothing());
}

TEST_F(Init, Json_IsOneDocumentOnStdout) {
  publish(autoconfig(server.tls_port()));
  const auto result = script({"--yes", "--json", "--password-file", write_password("pw").string()});
  ASSERT_EQ(result.code, 0) << result;
  const auto document = nlohmann::json::parse(result.out);
  EXPECT_EQ(document.at("account"), "example");
  EXPECT_EQ(document.at("port"), server.tls_port());
  EXPECT_EQ(document.at("mailboxes"), 6);
  EXPECT_THAT(result.err, HasSubstr("Written: "));
}

TEST_F(Init, NoTerminalAndNoYes_SaysHow) {
  const auto result = script({});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("there is no terminal to ask on: with --yes"));
  EXPECT_TRUE(dns.asked().empty());
}

TEST_F(Init, ScriptWithoutPassword_NamesTheOptions) {
  publish(autoconfig(server.tls_port()));
  const auto result = script({"--yes"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("--password-file or --password-command"));
  EXPECT_TRUE(left_nothing());
}

TEST_F(Init, ScriptWithWrongPassword_WritesNothing) {
  publish(autoconfig(server.tls_port()));
  const auto result = script({"--yes", "--password-file", write_password("wrong").string()});
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_TRUE(left_nothing());
}

TEST_F(Init, SrvRecord_ComesBeforeAutoconfigAndNoPageIsFetched) {
  publish(autoconfig(1));
  dns.add(std::string("_imaps._tcp.") + kDomain, kTypeSrv, srv_data(0, 1, server.tls_port(), "localhost"));
  dns.add(std::string("_imap._tcp.") + kDomain, kTypeSrv, srv_data(0, 0, 0, ""));
  const auto result = script({"--yes", "--user", "u1", "--password-file", write_password("pw").string()});
  ASSERT_EQ(result.code, 0) << result;
  EXPECT_THAT(result.out, HasSubstr("told by  the DNS record _imaps._tcp.example.test"));
  EXPECT_THAT(result.out, HasSubstr("says that this isn't offered"));
  EXPECT_TRUE(asked.empty());
  EXPECT_THAT(read_file(config()), HasSubstr(fmt::format("port = {}\n", server.tls_port())));
}

TEST_F(Init, AutoconfigOfAStrangersCertificate_IsntTrusted) {
  publish(autoconfig(server.tls_port()));
  write_file(folder.path() / "ca.pem", read_file(server.ca_file()));
  const auto result = script({"--yes", "--password-file", write_password("pw").string()});
  EXPECT_EQ(result.code, 1) << result;
  EXPECT_THAT(result.err, HasSubstr("no server was found for u1@example.test: name it by --host"));
  EXPECT_TRUE(asked.empty()) << "the address was sent";
}

/// The password goes to no host before it was shown and confirmed: here the user says no to what was found, and gives another.
TEST_F(Init, ServerThatWasRefused_NeverSeesAConnection) {
  std::atomic<int> connections = 0;
  const WebServer stranger([&](const WebRequest&) {
    ++connections;
    return WebResponse{404};
  });
  publish(autoconfig(stranger.port()));
  PtyProcess wizard(words({}), environment());
  ASSERT_TRUE(wizard.shows(fmt::format("server   localhost, port {}", stranger.port()))) << wizard.screen();
  ASSERT_TRUE(wizard.shows("Use this server?")) << wizard.screen();
  wizard.type_line("no");
  ASSERT_TRUE(wizard.shows("IMAP server:")) << wizard.screen();
  wizard.type_line("localhost");
  ASSERT_TRUE(wizard.shows("Port [993]:")) << wizard.screen();
  wizard.type_line(std::to_string(server.port()));
  ASSERT_TRUE(wizard.shows("TLS (implicit, starttls or none)")) << wizard.screen();
  wizard.type_line("starttls");
  ASSERT_TRUE(wizard.shows("User name there [u1@example.test]:")) << wizard.screen();
  wizard.type_line("u1");
  ASSERT_TRUE(wizard.shows(fmt::format("server   localhost, port {}, TLS by STARTTLS", server.port()))) << wizard.screen();
  ASSERT_TRUE(wizard.shows("Name for this account")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("Directory for the mail")) << wizard.screen();
  wizard.type_line("");
  ASSERT_TRUE(wizard.shows("1 or 2 [1]:")) << wizard.screen();
  wizard.type_line("2");
  ASSERT_TRUE(wizard.shows("Command that prints the password")) << wizard.screen();
  wizard.type_line("echo pw");
  ASSERT_TRUE(wizard.shows("it works:")) << wizard.screen();
  ASSERT_EQ(wizard.wait_for_end(), 0) << wizard.screen();
  EXPECT_EQ(connections, 0);
  EXPECT_THAT(read_file(config()), HasSubstr("password_command = \"echo pw\""));
  EXPECT_FALSE(fs::exists(password_file()));
}

/// Such as Proton Bridge's.
TEST_F(Init, SelfSignedCertificateOnThisMachine_IsPinnedIfTheUserSaysSo) {
  const DovecotServer bridge({.certificate = Certificate::self_signed});
  const auto port = std::to_string(bridge.port());
  const auto password = write_password("pw").string();
  const std::vector<std::string> told{"--host", "localhost", "--port",          port,    "--tls", "starttls",
                                      "--user", "u1",        "--password-file", password};
  auto script_words = told;
  script_words.emplace_back("--yes");
  EXPECT_EQ(script(script_words).code, 1);
  EXPECT_TRUE(left_nothing());
  auto all = told;
  all.insert(all.end(), {"--account", "bridge", "--maildir", "~/Mail/bridge"});
  all.insert(all.begin(), {Device::control_path().string(), "init", "u1@example.test"});
  PtyProcess wizard(all, environment());
  ASSERT_TRUE(wizard.shows("Trust just this certificate of it?")) << wizard.screen();
  wizard.type_line("yes");
  ASSERT_TRUE(wizard.shows("it works:")) << wizard.screen();
  ASSERT_EQ(wizard.wait_for_end(), 0) << wizard.screen();
  EXPECT_THAT(read_file(config()), HasSubstr("fingerprint = \"sha256:"));
  EXPECT_EQ(mirror().code, 0);
}

TEST_F(Init, PlainTextBeyondThisMachine_IsRefused) {
  const auto result =
      script({"--yes", "--host", "imap.example.test", "--tls", "none", "--password-file", write_password("pw").string()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("in the clear"));
}

TEST_F(Init, SecondAccount_GetsAFileOfItsOwnAndChangesNothingElse) {
  publish(autoconfig(server.tls_port()));
  const auto password = write_password("pw").string();
  ASSERT_EQ(script({"--yes", "--password-file", password}).code, 0);
  const auto before = read_file(config());
  const auto result = script({"--yes", "--password-file", password});
  ASSERT_EQ(result.code, 0) << result;
  EXPECT_EQ(read_file(config()), before);
  const auto second = config().parent_path() / "accounts.d/example-2.toml";
  EXPECT_EQ(mode_of(second), 0600U);
  EXPECT_THAT(read_file(second), HasSubstr("[account.example-2]"));
  EXPECT_THAT(script({"--yes", "--account", "example", "--password-file", password}).err,
              HasSubstr("there is an account 'example' already"));
}

TEST_F(Init, BrokenConfiguration_IsToldBeforeAnythingIsAsked) {
  fs::create_directories(config().parent_path());
  write_file(config(), "[account.work]\nhosst = \"x\"\n");
  const auto result = script({"--yes", "--password-file", write_password("pw").string()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("config.toml:2:"));
  EXPECT_TRUE(dns.asked().empty());
}

TEST_F(Init, RunningDaemon_TakesTheAccountOverAtOnce) {
  publish(autoconfig(server.tls_port()));
  const auto password = write_password("pw").string();
  ASSERT_EQ(script({"--yes", "--password-file", password}).code, 0);
  Subprocess daemon({.arguments = {Device::daemon_path().string()}, .environment = environment()});
  ASSERT_TRUE(eventually(Milliseconds(20'000), [&] { return fs::exists(home() / "run/mailmirror/control.sock"); }));
  const auto result = script({"--yes", "--password-file", password, "--account", "second"});
  ASSERT_EQ(result.code, 0) << result;
  EXPECT_THAT(result.out, HasSubstr("took the account over"));
  const auto status = run({.arguments = {Device::control_path().string(), "status", "second"}, .environment = environment()});
  EXPECT_EQ(status.code, 0) << status;
}

TEST_F(Init, UserService_IsStartedWhereItsManagerAnswers) {
  publish(autoconfig(server.tls_port()));
  const auto bin = folder.path() / "bin";
  fs::create_directories(bin);
  write_file(bin / "systemctl", "#!/bin/sh\necho \"$*\" >> " + (folder.path() / "systemctl.log").string() + "\n");
  fs::permissions(bin / "systemctl", fs::perms(0755));
  auto with_manager = environment();
  with_manager["PATH"] = bin.string() + ":" + Device::path_with_programs();
  const auto all = words({"--yes", "--service", "yes", "--password-file", write_password("pw").string()});
  const auto result = run({.arguments = all, .environment = with_manager});
  ASSERT_EQ(result.code, 0) << result;
  EXPECT_THAT(read_file(folder.path() / "systemctl.log"), HasSubstr("--user enable --now mailmirrord.service"));
  EXPECT_THAT(result.out, HasSubstr("mailmirrord runs"));
}

TEST_F(Init, ProviderWithoutPasswords_AsksForTheSignInsClientId) {
  const auto result =
      run({.arguments = {Device::control_path().string(), "init", "somebody@outlook.com", "--yes"}, .environment = environment()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.out, HasSubstr("outlook.office365.com, port 993"));
  EXPECT_THAT(result.err, HasSubstr("give --client-id"));
  const auto written = run(
      {.arguments = {Device::control_path().string(), "init", "somebody@outlook.com", "--yes", "--no-login", "--client-id", "abc"},
       .environment = environment()});
  ASSERT_EQ(written.code, 0) << written;
  EXPECT_THAT(written.out, HasSubstr("mailmirror login outlook"));
  EXPECT_THAT(read_file(config()), HasSubstr("[account.outlook.oauth2]\nprovider = \"microsoft\"\nclient_id = \"abc\"\n"));
}

}  // namespace
}  // namespace mailmirror::testing
