// What a login can be tied to on a TLS connection, and the certificate that the client shows on it.
#include "imap/transport/deflate.hpp"
#include "imap/transport/memory.hpp"
#include "imap/transport/tls.hpp"
#include "tests/support/certificates.hpp"
#include "tests/unit/imap/tls_peer.hpp"
#include "tests/unit/imap/transport_support.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

namespace mailmirror::imap::transport {
namespace {

using mailmirror::testing::make_certificates;
using mailmirror::testing::TempFolder;
using mailmirror::testing::TlsIdentity;
using mailmirror::testing::TlsPeer;
using mailmirror::testing::World;
using mailmirror::testing::write_file;
using ::testing::HasSubstr;

class Channel : public ::testing::Test {
 protected:
  Channel() { make_certificates(folder_.path(), {}); }

  Result<std::unique_ptr<Transport>> connect(int newest, ClientCertificate certificate = {}) {
    auto [near, far] = memory_pair(world_.io.get_executor());
    peer_ = std::make_shared<TlsPeer>(std::move(far), TlsIdentity{file("server.crt"), file("server.key")}, newest);
    asio::co_spawn(world_.io, peer_->accept(), [peer = peer_](const std::exception_ptr&, bool) {});
    auto client = world_.run(wrap_tls(std::move(near), {"localhost", {file("ca.crt"), ""}, std::move(certificate)}));
    world_.drain();
    return client;
  }

  [[nodiscard]] std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  World world_;
  TempFolder folder_;
  std::shared_ptr<TlsPeer> peer_;
};

TEST_F(Channel, Tls13_IsBoundByTheExporterAndByTheCertificate) {
  auto client = connect(TLS1_3_VERSION);
  ASSERT_TRUE(client) << client.error().message;
  const auto seen_here = (*client)->channel_bindings();
  const auto seen_there = peer_->channel_bindings();
  ASSERT_EQ(seen_here.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(seen_here[i].type, seen_there[i].type);
    EXPECT_EQ(seen_here[i].data, seen_there[i].data);
    EXPECT_EQ(seen_here[i].data.size(), 32U);
  }
  EXPECT_EQ(wrap_deflate(std::move(*client), {})->channel_bindings().size(), 2U);
}

TEST_F(Channel, Tls12_IsBoundByTheCertificateAlone) {
  const auto client = connect(TLS1_2_VERSION);
  ASSERT_TRUE(client) << client.error().message;
  const auto bindings = (*client)->channel_bindings();
  ASSERT_EQ(bindings.size(), 1U);
  EXPECT_EQ(bindings[0].type, "tls-server-end-point");
  EXPECT_EQ(bindings[0].data, peer_->channel_bindings()[1].data);
}

TEST_F(Channel, WithoutTls_ThereIsNothingToBindTo) {
  auto [near, far] = memory_pair(world_.io.get_executor());
  EXPECT_TRUE(near->channel_bindings().empty());
}

TEST_F(Channel, ClientCertificate_IsShown) {
  ASSERT_TRUE(connect(TLS1_3_VERSION));
  EXPECT_EQ(peer_->client_name(), "");
  const auto client = connect(TLS1_3_VERSION, {file("client.crt"), file("client.key")});
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(peer_->client_name(), "u1");
}

TEST_F(Channel, KeyInTheCertificatesFile_NeedsNoSecondFile) {
  write_file(folder_.path() / "both.pem", mailmirror::testing::read_file(folder_.path() / "server.crt") +
                                              mailmirror::testing::read_file(folder_.path() / "server.key"));
  ASSERT_TRUE(connect(TLS1_3_VERSION, {file("both.pem"), ""}));
  EXPECT_EQ(peer_->client_name(), "localhost");
}

TEST_F(Channel, ServerThatHangsUpOnTheCertificate_IsUnderstood) {
  auto client = connect(TLS1_3_VERSION, {file("client.crt"), file("client.key")});
  ASSERT_TRUE(client) << client.error().message;
  peer_->close();
  const auto words = world_.run(mailmirror::testing::read_text(**client));
  EXPECT_EQ(words.error().kind, ErrorKind::tls);
  EXPECT_THAT(words.error().message, HasSubstr("client_cert"));
}

TEST_F(Channel, UnusableClientCertificate_IsAConfigurationError) {
  const auto no_file = connect(0, {file("none.pem"), ""});
  EXPECT_EQ(no_file.error().kind, ErrorKind::configuration);
  EXPECT_THAT(no_file.error().message, HasSubstr("none.pem"));
  const auto no_key = connect(0, {file("server.crt"), ""});
  EXPECT_EQ(no_key.error().kind, ErrorKind::configuration);
  EXPECT_THAT(no_key.error().message, HasSubstr("client_key"));
  const auto others_key = connect(0, {file("ca.crt"), file("server.key")});
  EXPECT_EQ(others_key.error().kind, ErrorKind::configuration);
}

}  // namespace
}  // namespace mailmirror::imap::transport
