// Opening a connection: who may say what before whom.
#include "tests/support/certificates.hpp"
#include "tests/unit/imap/script.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;
using ::testing::HasSubstr;

SessionOptions starttls_options() {
  auto options = plain_options();
  options.server.tls = TlsMode::starttls;
  return options;
}

TEST(OpenSession, PlainLogin_ReadsCapabilitiesAgainAfterwards) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.capabilities().has(Extension::idle));
    EXPECT_FALSE(session.capabilities().has(Extension::notify));
    co_return ok();
  };
  expect_conversation(
      "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN NOTIFY] ready\n"
      "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: m1 OK in\n"
      "C: m2 CAPABILITY\n"
      "S: * CAPABILITY IMAP4rev1 IDLE\n"
      "S: m2 OK\n",
      act);
}

TEST(OpenSession, LoginThatTellsCapabilities_SavesATurn) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.capabilities().has(Extension::idle));
    EXPECT_TRUE(session.enabled(Extension::qresync));
    co_return ok();
  };
  expect_conversation(
      "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\n"
      "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: m1 OK [CAPABILITY IMAP4rev1 IDLE NAMESPACE ENABLE QRESYNC] in\n"
      "C: m2 CAPABILITY\n"
      "C: m3 NAMESPACE\n"
      "C: m4 ENABLE QRESYNC\n"
      "S: * CAPABILITY IMAP4rev1 IDLE QRESYNC NAMESPACE ENABLE\n"
      "S: m2 OK\n"
      "S: * NAMESPACE NIL NIL NIL\n"
      "S: m3 OK\n"
      "S: * ENABLED QRESYNC\n"
      "S: m4 OK\n",
      act);
}

TEST(OpenSession, CapabilitiesOtherThanTheLoginTold_AreSwitchedOnAfterwards) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.enabled(Extension::qresync));
    EXPECT_FALSE(session.capabilities().has(Extension::notify));
    co_return ok();
  };
  expect_conversation(
      "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\n"
      "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: m1 OK [CAPABILITY IMAP4rev1 NOTIFY] in\n"
      "C: m2 CAPABILITY\n"
      "S: * CAPABILITY IMAP4rev1 ENABLE QRESYNC\n"
      "S: m2 OK\n"
      "C: m3 ENABLE QRESYNC\n"
      "S: * ENABLED QRESYNC\n"
      "S: m3 OK\n",
      act);
}

TEST(OpenSession, GreetingWithoutCapabilities_AsksForThem) {
  expect_conversation(
      "S: * OK ready\n"
      "C: m1 CAPABILITY\n"
      "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN\n"
      "S: m1 OK\n"
      "C: m2 AUTHENTICATE PLAIN\n"
      "S: + \n"
      "C: AHVzZXIAcGVuY2ls\n"
      "S: m2 OK in\n"
      "C: m3 CAPABILITY\n"
      "S: * CAPABILITY IMAP4rev1\n"
      "S: m3 OK\n",
      nothing_more);
}

TEST(OpenSession, NoMechanism_TakesTheLoginCommand) {
  auto options = plain_options();
  options.login.secret = "pass\"wö";
  expect_conversation(
      "S: * OK [CAPABILITY IMAP4rev1] ready\n"
      "C: m1 LOGIN \"user\" {8}\n"
      "S: + go on\n"
      "C: pass\"wö\n"
      "S: m1 OK in\n"
      "C: m2 CAPABILITY\n"
      "S: * CAPABILITY IMAP4rev1\n"
      "S: m2 OK\n",
      nothing_more, options);
}

TEST(OpenSession, ExtensionsToSwitchOn_AreSwitchedOnInOneRoundTrip) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_TRUE(session.enabled(Extension::qresync));
    EXPECT_TRUE(session.enabled(Extension::condstore));
    wire::Command command("NOOP");
    const auto done = co_await session.execute(std::move(command));
    MAILMIRROR_CO_TRY(done);
    co_return ok();
  };
  expect_conversation(login_script("ID ENABLE CONDSTORE QRESYNC COMPRESS=DEFLATE") +
                          "C: m3 ID (\"name\" \"mailmirror\" \"version\" \"" MAILMIRROR_VERSION
                          "\")\n"
                          "C: m4 ENABLE QRESYNC\n"
                          "C: m5 COMPRESS DEFLATE\n"
                          "S: * ID NIL\n"
                          "S: m3 OK\n"
                          "S: * ENABLED QRESYNC\n"
                          "S: m4 OK\n"
                          "S: m5 OK compressed from here\n"
                          "DEFLATE\n"
                          "S: * 3 EXISTS\n"
                          "C: m6 NOOP\n"
                          "S: m6 OK\n",
                      act);
}

TEST(OpenSession, EnableWithoutEnabled_CountsAsOff) {
  auto act = [](Session& session) -> Task<Result<void>> {
    EXPECT_FALSE(session.enabled(Extension::qresync));
    co_return ok();
  };
  expect_conversation(login_script("ENABLE QRESYNC") + "C: m3 ENABLE QRESYNC\nS: m3 OK\n", act);
}

TEST(OpenSession, DisabledExtension_IsAsIfNotOffered) {
  auto options = plain_options();
  options.disabled_extensions = {"enable", "COMPRESS=DEFLATE"};
  expect_conversation(login_script("ENABLE QRESYNC COMPRESS=DEFLATE"), nothing_more, options);
}

TEST(OpenSession, Icloud_IsNotTrustedWithQresync) {
  auto options = plain_options();
  options.server.host = "imap.mail.me.com";
  options.server.plaintext = Plaintext::anywhere;
  expect_conversation(login_script("ENABLE CONDSTORE QRESYNC") + "C: m3 ENABLE CONDSTORE\nS: * ENABLED CONDSTORE\nS: m3 OK\n",
                      nothing_more, options);
}

TEST(OpenSession, WrongPassword_IsAnAuthenticationError) {
  const auto error = expect_failure(
      "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\n"
      "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: m1 NO [AUTHENTICATIONFAILED] Authentication failed.\n",
      nothing_more);
  EXPECT_EQ(error.kind, ErrorKind::authentication);
  EXPECT_THAT(error.message, HasSubstr("localhost:143"));
  EXPECT_THAT(error.message, HasSubstr("Authentication failed."));
}

TEST(OpenSession, BackendDown_IsNoAuthenticationError) {
  const auto error = expect_failure(
      "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\n"
      "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: m1 NO [UNAVAILABLE] Temporary authentication failure.\n",
      nothing_more);
  EXPECT_EQ(error.kind, ErrorKind::throttled);
}

TEST(OpenSession, ServerThatCantProveItself_IsRefusedThoughItSaysOk) {
  auto options = plain_options();
  options.login.method = AuthMethod::scram_sha_256;
  World world;
  const auto nonce = CountingRandom().hex(36);
  ScriptedServer server(world,
                        "S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256] ready\n"
                        "C: m1 AUTHENTICATE SCRAM-SHA-256\n"
                        "S: m1 OK come in\n");
  EXPECT_EQ(perform(world, server, options, nothing_more).error().kind, ErrorKind::authentication);
}

TEST(OpenSession, MechanismThatGivesUp_CancelsTheExchange) {
  const auto error = expect_failure(
      "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\n"
      "C: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\n"
      "S: + bW9yZT8=\n"
      "C: *\n"
      "S: m1 BAD cancelled\n",
      nothing_more);
  EXPECT_EQ(error.kind, ErrorKind::authentication);
}

TEST(OpenSession, LoginDisabled_SendsNoPassword) {
  EXPECT_EQ(expect_failure("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\n", nothing_more).kind, ErrorKind::authentication);
}

TEST(OpenSession, PlainLineToAnotherHost_SendsNoPassword) {
  auto options = plain_options();
  options.server.host = "imap.example.org";
  const auto error = expect_failure("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\n", nothing_more, options);
  EXPECT_EQ(error.kind, ErrorKind::authentication);
  EXPECT_THAT(error.message, HasSubstr("isn't encrypted"));
}

TEST(OpenSession, StarttlsStripped_FailsBeforeTheLogin) {
  const auto error = expect_failure("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\n", nothing_more, starttls_options());
  EXPECT_EQ(error.kind, ErrorKind::tls);
}

TEST(OpenSession, PreauthBeforeStarttls_IsNotTrusted) {
  EXPECT_EQ(expect_failure("S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\n", nothing_more, starttls_options()).kind,
            ErrorKind::tls);
}

TEST(OpenSession, PlainTextAfterTheStarttlsOk_IsTakenForAnInjection) {
  const auto error = expect_failure(
      "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\n"
      "C: m1 STARTTLS\n"
      "S~ m1 OK go\\r\\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\\r\\n\n",
      nothing_more, starttls_options());
  EXPECT_EQ(error.kind, ErrorKind::tls);
  EXPECT_THAT(error.message, HasSubstr("meddles"));
}

TEST(OpenSession, StarttlsRefused_DoesNotGoOn) {
  EXPECT_FALSE(expect_failure("S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\n"
                              "C: m1 STARTTLS\n"
                              "S: m1 NO not today\n",
                              nothing_more, starttls_options())
                   .message.empty());
}

TEST(OpenSession, Starttls_ForgetsWhatWasOfferedBefore) {
  TempFolder folder;
  make_certificates(folder.path(), {});
  auto options = starttls_options();
  options.server.trust.ca_file = folder.path() / "ca.crt";
  World world;
  ScriptedServer server(world,
                        "S: * OK [CAPABILITY IMAP4rev1 STARTTLS SASL-IR AUTH=SCRAM-SHA-1] ready\n"
                        "C: m1 STARTTLS\n"
                        "S: m1 OK go\n"
                        "TLS\n"
                        "C: m2 CAPABILITY\n"
                        "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN\n"
                        "S: m2 OK\n"
                        "C: m3 AUTHENTICATE PLAIN\n"
                        "S: + \n"
                        "C: AHVzZXIAcGVuY2ls\n"
                        "S: m3 OK in\n"
                        "C: m4 CAPABILITY\n"
                        "S: * CAPABILITY IMAP4rev1\n"
                        "S: m4 OK\n",
                        {}, TlsIdentity{folder.path() / "server.crt", folder.path() / "server.key"});
  const auto outcome = perform(world, server, options, nothing_more);
  EXPECT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(server.complaint(), "");
}

TEST(OpenSession, SomethingElseThanImap_SaysSo) {
  for (const auto* greeting : {"S: 220 mail.example.org ESMTP\n", "S: HTTP/1.1 400 Bad Request\n", "S: * 3 EXISTS\n"}) {
    const auto error = expect_failure(greeting, nothing_more);
    EXPECT_EQ(error.kind, ErrorKind::protocol) << greeting;
    EXPECT_THAT(error.message, HasSubstr("no IMAP server")) << greeting;
  }
}

TEST(OpenSession, ByeInPlaceOfAGreeting_KeepsTheServersWords) {
  const auto error = expect_failure("S: * BYE [ALERT] Maximum number of connections from user+IP exceeded\n", nothing_more);
  EXPECT_EQ(error.kind, ErrorKind::throttled);
  EXPECT_THAT(error.message, HasSubstr("Maximum number of connections"));
}

TEST(OpenSession, SilentServer_TimesOut) {
  World world;
  ScriptedServer silent(world, "HANG\n");
  EXPECT_EQ(perform(world, silent, plain_options(), nothing_more).error().kind, ErrorKind::timeout);
  ScriptedServer stalls_later(world, "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nHANG\n");
  EXPECT_EQ(perform(world, stalls_later, plain_options(), nothing_more).error().kind, ErrorKind::timeout);
}

TEST(OpenSession, Pop3LikeServerWithoutImap4_IsUnsupported) {
  const auto error =
      expect_failure("S: * PREAUTH [CAPABILITY IMAP2] old\nC: m1 CAPABILITY\nS: * CAPABILITY IMAP2\nS: m1 OK\n", nothing_more);
  EXPECT_EQ(error.kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace mailmirror::imap::client
