#include "tests/unit/imap/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

namespace mailmirror::testing {

struct TlsPeer::State {
  std::unique_ptr<imap::transport::Transport> line;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;

  State() = default;
  ~State() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Task<Result<void>> send() {
    std::array<std::byte, 16384> buffer{};
    while (BIO_pending(SSL_get_wbio(ssl)) > 0) {
      const int count = BIO_read(SSL_get_wbio(ssl), buffer.data(), static_cast<int>(buffer.size()));
      const auto written = co_await line->write_all(std::span<const std::byte>(buffer).first(static_cast<std::size_t>(count)));
      MAILMIRROR_CO_TRY(written);
    }
    co_return ok();
  }

  /// False at the end.
  Task<bool> receive() {
    std::array<std::byte, 16384> buffer{};
    const auto count = co_await line->read_some(buffer);
    if (!count || *count == 0) co_return false;
    BIO_write(SSL_get_rbio(ssl), buffer.data(), static_cast<int>(*count));
    co_return true;
  }
};

TlsPeer::TlsPeer(std::unique_ptr<imap::transport::Transport> line, const TlsIdentity& identity, int newest)
    : state_(std::make_unique<State>()) {
  state_->line = std::move(line);
  state_->context = SSL_CTX_new(TLS_server_method());
  const bool loaded = SSL_CTX_use_certificate_file(state_->context, identity.certificate.c_str(), SSL_FILETYPE_PEM) == 1 &&
                      SSL_CTX_use_PrivateKey_file(state_->context, identity.key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!loaded) throw std::runtime_error("can't load the test server's certificate");
  SSL_CTX_set_max_proto_version(state_->context, newest);
  SSL_CTX_set_verify(state_->context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  state_->ssl = SSL_new(state_->context);
  SSL_set_bio(state_->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(state_->ssl);
}

TlsPeer::~TlsPeer() = default;

std::string TlsPeer::server_name() const {
  const char* const name = SSL_get_servername(state_->ssl, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::string TlsPeer::client_name() const {
  const X509* const certificate = SSL_get0_peer_certificate(state_->ssl);
  std::array<char, 256> name{};
  if (certificate == nullptr) return {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), static_cast<int>(name.size()));
  return name.data();
}

std::vector<imap::transport::ChannelBinding> TlsPeer::channel_bindings() const {
  std::array<unsigned char, 32> exported{};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const std::string label = "EXPORTER-Channel-Binding";
  SSL_export_keying_material(state_->ssl, exported.data(), exported.size(), label.data(), label.size(), nullptr, 0, 0);
  X509_digest(SSL_get_certificate(state_->ssl), EVP_sha256(), digest.data(), &size);
  return {{"tls-exporter", {exported.begin(), exported.end()}}, {"tls-server-end-point", {digest.begin(), digest.begin() + size}}};
}

Task<bool> TlsPeer::accept() {
  while (true) {
    const bool done = SSL_do_handshake(state_->ssl) == 1;
    const auto sent = co_await state_->send();
    if (!sent) co_return false;
    if (done) co_return true;
    const bool more = co_await state_->receive();
    if (!more) co_return false;
  }
}

Task<Result<std::size_t>> TlsPeer::read_some(std::span<std::byte> into) {
  while (true) {
    std::size_t count = 0;
    if (SSL_read_ex(state_->ssl, into.data(), into.size(), &count) == 1) co_return count;
    const bool more = co_await state_->receive();
    if (!more) co_return std::size_t{0};
  }
}

Task<Result<void>> TlsPeer::write_all(std::span<const std::byte> bytes) {
  SSL_write(state_->ssl, bytes.data(), static_cast<int>(bytes.size()));
  auto sent = co_await state_->send();
  co_return sent;
}

void TlsPeer::close() {
  state_->line->close();
}
std::uint64_t TlsPeer::bytes_in() const {
  return state_->line->bytes_in();
}
std::uint64_t TlsPeer::bytes_out() const {
  return state_->line->bytes_out();
}

}  // namespace mailmirror::testing
