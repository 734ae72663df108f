// Signing in, attempt after attempt: what a refusal leads to.
#include "imap/auth/base64.hpp"
#include "tests/unit/imap/script.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::client {
namespace {

using namespace mailmirror::testing;
using ::testing::HasSubstr;
using transport::ChannelBinding;
using transport::Transport;

/// A line that claims to be encrypted, so that logins can be tied to it.
class Bindable final : public Transport {
 public:
  explicit Bindable(std::unique_ptr<Transport> below) : below_(std::move(below)) {}
  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override { return below_->read_some(into); }
  Task<Result<void>> write_all(std::span<const std::byte> bytes) override { return below_->write_all(bytes); }
  void close() override { below_->close(); }
  [[nodiscard]] std::uint64_t bytes_in() const override { return below_->bytes_in(); }
  [[nodiscard]] std::uint64_t bytes_out() const override { return below_->bytes_out(); }
  [[nodiscard]] std::vector<ChannelBinding> channel_bindings() const override {
    return {{"tls-exporter", "E"}, {"tls-server-end-point", "P"}};
  }

 private:
  std::unique_ptr<Transport> below_;
};

class BindableConnector final : public transport::Connector {
 public:
  explicit BindableConnector(ScriptedServer& server) : server_(server) {}
  Task<Result<std::unique_ptr<Transport>>> connect(std::string host, std::uint16_t port) override {
    auto line = co_await server_.connect(std::move(host), port);
    co_return std::make_unique<Bindable>(std::move(*line));
  }

 private:
  ScriptedServer& server_;
};

/// The conversation of one sign-in, up to the client's leaving.
class SignIn : public ::testing::Test {
 protected:
  /// `script` begins behind the greeting that offers `mechanisms`.
  Result<void> sign_in(const std::string& mechanisms, const std::string& script) {
    std::string offer = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR";
    std::istringstream names(mechanisms);
    for (std::string name; names >> name;) offer += " AUTH=" + name;
    ScriptedServer server(world_, offer + "] ready\n" + script);
    BindableConnector connector(server);
    auto open = [&]() -> Task<Result<void>> {
      Environment environment{world_.clock, world_.pool, world_.random, connector, null_log()};
      auto session = co_await open_session(std::move(environment), plain_options());
      MAILMIRROR_CO_TRY(session);
      (*session)->close();
      co_return ok();
    };
    auto opened = world_.run(open());
    world_.drain();
    EXPECT_EQ(server.complaint(), "");
    return opened;
  }

  /// The client's first message with the nonce that comes next.
  std::string first_message(const std::string& header) { return auth::encode_base64(header + "n=user,r=" + nonces_.hex(36)); }

  static std::string challenge(const std::string& text) { return "S: + " + auth::encode_base64(text) + "\n"; }

  static constexpr const char* kIn = "S: * CAPABILITY IMAP4rev1\n";
  static constexpr const char* kPlain = "AHVzZXIAcGVuY2ls";

  World world_;
  CountingRandom nonces_;
};

TEST_F(SignIn, UnknownTypeOfBinding_IsFollowedByTheOther) {
  const auto exporter = first_message("p=tls-exporter,,");
  const auto end_point = first_message("p=tls-server-end-point,,");
  const auto opened = sign_in("SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN", "C: m1 AUTHENTICATE SCRAM-SHA-256-PLUS " + exporter + "\n" +
                                                                            challenge("e=unsupported-channel-binding-type") +
                                                                            "C: *\n"
                                                                            "S: m1 BAD cancelled\n"
                                                                            "C: m2 AUTHENTICATE SCRAM-SHA-256-PLUS " +
                                                                            end_point + "\n" + challenge("e=invalid-proof") +
                                                                            "C: *\n"
                                                                            "S: m2 BAD cancelled\n");
  EXPECT_THAT(opened.error().message, HasSubstr("the password is wrong"));
}

TEST_F(SignIn, BindingTakenBack_GoesOnWithoutIt) {
  const auto bound = first_message("p=tls-exporter,,");
  const auto unbound = first_message("y,,");
  const auto opened =
      sign_in("SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN", "C: m1 AUTHENTICATE SCRAM-SHA-256-PLUS " + bound + "\n" +
                                                            challenge("e=channel-binding-not-supported") +
                                                            "C: *\n"
                                                            "S: m1 NO cancelled\n"
                                                            "C: m2 AUTHENTICATE SCRAM-SHA-256 " +
                                                            unbound + "\n" + challenge("e=server-does-support-channel-binding") +
                                                            "C: *\n"
                                                            "S: m2 NO cancelled\n");
  EXPECT_THAT(opened.error().message, HasSubstr("meddles"));
}

TEST_F(SignIn, ScramWithoutKeys_GoesOnWithPlain) {
  const auto scram = first_message("y,,");
  const auto opened = sign_in("SCRAM-SHA-1 PLAIN", "C: m1 AUTHENTICATE SCRAM-SHA-1 " + scram + "\n" +
                                                       "S: m1 NO [AUTHENTICATIONFAILED] no SCRAM verifier for the user\n"
                                                       "C: m2 AUTHENTICATE PLAIN " +
                                                       kPlain +
                                                       "\n"
                                                       "S: m2 OK in\n"
                                                       "C: m3 CAPABILITY\n" +
                                                       kIn + "S: m3 OK\n");
  EXPECT_TRUE(opened) << opened.error().message;
}

TEST_F(SignIn, WrongPasswordAfterTheDetour_IsTriedOnce) {
  const auto scram = first_message("y,,");
  const auto opened = sign_in("SCRAM-SHA-1 PLAIN LOGIN", "C: m1 AUTHENTICATE SCRAM-SHA-1 " + scram + "\n" +
                                                             "S: m1 BAD no such thing here\n"
                                                             "C: m2 AUTHENTICATE PLAIN " +
                                                             kPlain + "\nS: m2 NO [AUTHENTICATIONFAILED] wrong\n");
  EXPECT_EQ(opened.error().kind, ErrorKind::authentication);
}

TEST_F(SignIn, ServerThatHangsUpOnTheDetour_IsToldByItsFirstRefusal) {
  const auto scram = first_message("y,,");
  const auto opened = sign_in("SCRAM-SHA-1 PLAIN", "C: m1 AUTHENTICATE SCRAM-SHA-1 " + scram + "\n" +
                                                       "S: m1 NO [AUTHENTICATIONFAILED] not like this\n"
                                                       "C: m2 AUTHENTICATE PLAIN " +
                                                       kPlain + "\n");
  EXPECT_EQ(opened.error().kind, ErrorKind::authentication);
  EXPECT_THAT(opened.error().message, HasSubstr("not like this"));
}

TEST_F(SignIn, OkWithoutProof_IsAnImpostorAndNoReasonToShowThePassword) {
  const auto scram = first_message("y,,");
  const auto opened = sign_in("SCRAM-SHA-1 PLAIN", "C: m1 AUTHENTICATE SCRAM-SHA-1 " + scram + "\nS: m1 OK come in\n");
  EXPECT_THAT(opened.error().message, HasSubstr("impostor"));
}

}  // namespace
}  // namespace mailmirror::imap::client
