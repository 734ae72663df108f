#include "imap/transport/tls.hpp"
#include "imap/transport/tls_contexts.hpp"

#include "imap/transport/memory.hpp"
#include "tests/support/certificates.hpp"
#include "tests/unit/imap/tls_peer.hpp"
#include "tests/unit/imap/transport_support.hpp"

#include <gmock/gmock.h>

namespace mailmirror::imap::transport {
namespace {

using mailmirror::testing::bytes_of;
using mailmirror::testing::CertificateOptions;
using mailmirror::testing::make_certificates;
using mailmirror::testing::read_text;
using mailmirror::testing::TempFolder;
using mailmirror::testing::TlsIdentity;
using mailmirror::testing::TlsPeer;
using mailmirror::testing::World;
using ::testing::HasSubstr;
using Client = Result<std::unique_ptr<Transport>>;

/// A server with such a certificate, that greets inside TLS, and a client that connects to `host`.
class Tls : public ::testing::Test {
 protected:
  Client connect(const CertificateOptions& certificate, TlsSettings settings) {
    make_certificates(folder_.path(), certificate);
    return connect_again(std::move(settings));
  }

  Client connect_again(TlsSettings settings, MemorySettings line = {}, TlsContexts* contexts = nullptr) {
    auto [near, far] = memory_pair(world_.io.get_executor(), line);
    peer_ = std::make_shared<TlsPeer>(std::move(far), TlsIdentity{folder_.path() / "server.crt", folder_.path() / "server.key"});
    asio::co_spawn(world_.io, greet_and_echo(peer_), [](const std::exception_ptr&) {});
    return world_.run(wrap_tls(std::move(near), std::move(settings), contexts));
  }

  static Task<void> greet_and_echo(std::shared_ptr<TlsPeer> peer) {
    const bool accepted = co_await peer->accept();
    if (!accepted) co_return;
    auto said = Result<std::string>("* OK hello\r\n");
    while (said && !said->empty()) {
      const auto written = co_await peer->write_all(bytes_of(*said));
      if (!written) co_return;
      said = co_await read_text(*peer);
    }
  }

  TlsSettings trusting(std::string host) { return {std::move(host), {(folder_.path() / "ca.crt").string(), ""}}; }

  World world_;
  TempFolder folder_;
  std::shared_ptr<TlsPeer> peer_;
};

TEST_F(Tls, TrustedCertificateForTheHost_CarriesBytesBothWays) {
  auto client = connect({}, trusting("localhost"));
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(world_.run(read_text(**client)).value(), "* OK hello\r\n");
  ASSERT_TRUE(world_.run((*client)->write_all(bytes_of("echo"))));
  EXPECT_EQ(world_.run(read_text(**client)).value(), "echo");
  EXPECT_EQ(peer_->server_name(), "localhost");
}

/// What is shared must not carry one connection's verdict over to another.
TEST_F(Tls, SharedContext_JudgesEachConnectionByItself) {
  make_certificates(folder_.path(), {});
  TlsContexts contexts;
  const auto settings = trusting("localhost");
  const auto first = contexts.get(settings.trust, settings.certificate).value();
  EXPECT_EQ(contexts.get(settings.trust, settings.certificate).value(), first);
  auto good = connect_again(trusting("localhost"), {}, &contexts);
  ASSERT_TRUE(good) << good.error().message;
  const auto good_peer = peer_;
  const auto wrong = connect_again(trusting("other.example.org"), {}, &contexts);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::certificate);
  auto pinned = trusting("other.example.org");
  pinned.trust.fingerprint = "sha256:" + std::string(64, 'a');
  const auto unpinned = connect_again(std::move(pinned), {}, &contexts);
  ASSERT_FALSE(unpinned);
  EXPECT_THAT(unpinned.error().message, HasSubstr("isn't the pinned one"));
  auto again = connect_again(trusting("localhost"), {}, &contexts);
  EXPECT_TRUE(again);
  EXPECT_EQ(world_.run(read_text(**good)).value(), "* OK hello\r\n");
}

TEST_F(Tls, SharedContext_IsMadeAnewWhereItsFileChanged) {
  make_certificates(folder_.path(), {});
  TlsContexts contexts;
  const auto settings = trusting("localhost");
  const auto first = contexts.get(settings.trust, settings.certificate).value();
  std::filesystem::last_write_time(folder_.path() / "ca.crt", std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_NE(contexts.get(settings.trust, settings.certificate).value(), first);
}

TEST_F(Tls, IpAddress_IsComparedAndSendsNoServerName) {
  auto client = connect({}, trusting("127.0.0.1"));
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(peer_->server_name(), "");
}

TEST_F(Tls, StreamOfSingleBytes_Works) {
  make_certificates(folder_.path(), {});
  MemorySettings line;
  line.largest_read = 1;
  auto client = connect_again(trusting("localhost"), line);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(world_.run(read_text(**client)).value(), "* OK hello\r\n");
}

TEST_F(Tls, ExpiredCertificate_TellsTheDate) {
  CertificateOptions expired;
  expired.valid_from = -10 * 86'400;
  expired.valid_until = -86'400;
  const auto client = connect(expired, trusting("localhost"));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::certificate);
  EXPECT_THAT(client.error().message, HasSubstr("expired on 20"));
  EXPECT_THAT(client.error().message, HasSubstr("fingerprint = \"sha256:"));
}

TEST_F(Tls, CertificateForAnotherHost_TellsForWhich) {
  CertificateOptions other;
  other.host = "mail.example.org";
  const auto client = connect(other, trusting("localhost"));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::certificate);
  EXPECT_THAT(client.error().message, HasSubstr("is for another host: mail.example.org"));
}

TEST_F(Tls, SelfSignedCertificate_SaysSo) {
  CertificateOptions self_signed;
  self_signed.signer = CertificateOptions::Signer::itself;
  const auto client = connect(self_signed, trusting("localhost"));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::certificate);
  EXPECT_THAT(client.error().message, HasSubstr("is self-signed"));
}

TEST_F(Tls, IssuerNotInTheSystemStore_IsNamed) {
  const auto client = connect({}, {"localhost", {}});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::certificate);
  EXPECT_THAT(client.error().message, HasSubstr("issuer that isn't trusted here: mailmirror test authority"));
}

TEST_F(Tls, PinnedFingerprint_StandsInPlaceOfChainAndName) {
  CertificateOptions wrong;
  wrong.host = "mail.example.org";
  wrong.signer = CertificateOptions::Signer::itself;
  const auto refused = connect(wrong, {"localhost", {}});
  ASSERT_FALSE(refused);
  const auto at = refused.error().message.find("sha256:");
  ASSERT_NE(at, std::string::npos);
  auto fingerprint = refused.error().message.substr(at, 7 + 64);
  const auto client = connect_again({"localhost", {"", fingerprint}});
  EXPECT_TRUE(client) << client.error().message;
  fingerprint.back() = fingerprint.back() == '0' ? '1' : '0';
  const auto other = connect_again({"localhost", {"", fingerprint}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::certificate);
  EXPECT_THAT(other.error().message, HasSubstr("isn't the pinned one"));
}

TEST_F(Tls, PlainTextServer_HintsAtStarttls) {
  auto [near, far] = memory_pair(world_.io.get_executor());
  ASSERT_TRUE(world_.run(far->write_all(bytes_of("* OK IMAP4rev1 ready\r\n"))));
  const auto client = world_.run(wrap_tls(std::move(near), {"localhost", {}}));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::tls);
  EXPECT_THAT(client.error().message, HasSubstr("starttls"));
}

TEST_F(Tls, ServerThatHangsUp_IsATlsError) {
  auto [near, far] = memory_pair(world_.io.get_executor());
  far->close();
  EXPECT_FALSE(world_.run(wrap_tls(std::move(near), {"localhost", {}})));
}

TEST_F(Tls, UnreadableSettings_AreConfigurationErrors) {
  auto [near, far] = memory_pair(world_.io.get_executor());
  const auto no_file = world_.run(wrap_tls(std::move(near), {"localhost", {"/nowhere/ca.pem", ""}}));
  EXPECT_EQ(no_file.error().kind, ErrorKind::configuration);
  EXPECT_THAT(no_file.error().message, HasSubstr("/nowhere/ca.pem"));
  auto [near2, far2] = memory_pair(world_.io.get_executor());
  const auto no_pin = world_.run(wrap_tls(std::move(near2), {"localhost", {"", "sha256:12"}}));
  EXPECT_EQ(no_pin.error().kind, ErrorKind::configuration);
}

}  // namespace
}  // namespace mailmirror::imap::transport
