#include "tests/unit/imap/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace mailmirror::testing {

struct TlsPeer::State {
  std::unique_ptr<imap::transport::Transport> line;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  std::string server_name;

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
  Task<bool> exchange() {
    const auto sent = co_await send();
    if (!sent) co_return false;
    std::array<std::byte, 16384> buffer{};
    const auto count = co_await line->read_some(buffer);
    if (!count || *count == 0) co_return false;
    BIO_write(SSL_get_rbio(ssl), buffer.data(), static_cast<int>(*count));
    co_return true;
  }
};

TlsPeer::TlsPeer(std::unique_ptr<imap::transport::Transport> line, const std::filesystem::path& certificate,
                 const std::filesystem::path& key)
    : state_(std::make_shared<State>()) {
  state_->line = std::move(line);
  state_->context = SSL_CTX_new(TLS_server_method());
  const bool loaded = SSL_CTX_use_certificate_file(state_->context, certificate.c_str(), SSL_FILETYPE_PEM) == 1 &&
                      SSL_CTX_use_PrivateKey_file(state_->context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!loaded) throw std::runtime_error("can't load the test server's certificate");
  state_->ssl = SSL_new(state_->context);
  SSL_set_bio(state_->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(state_->ssl);
}

TlsPeer::TlsPeer(TlsPeer&&) noexcept = default;
TlsPeer::~TlsPeer() = default;

std::string TlsPeer::server_name() const { return state_->server_name; }

Task<void> TlsPeer::serve() { return serve(state_); }

Task<void> TlsPeer::serve(std::shared_ptr<State> state) {
  while (SSL_do_handshake(state->ssl) != 1) {
    const bool more = co_await state->exchange();
    if (!more) co_return;
  }
  const char* const name = SSL_get_servername(state->ssl, TLSEXT_NAMETYPE_host_name);
  state->server_name = name == nullptr ? "" : name;
  constexpr std::string_view kGreeting = "* OK hello\r\n";
  SSL_write(state->ssl, kGreeting.data(), static_cast<int>(kGreeting.size()));
  while (true) {
    std::array<char, 16384> buffer{};
    const int count = SSL_read(state->ssl, buffer.data(), static_cast<int>(buffer.size()));
    if (count > 0) {
      SSL_write(state->ssl, buffer.data(), count);
      continue;
    }
    const bool more = co_await state->exchange();
    if (!more) co_return;
  }
}

}  // namespace mailmirror::testing
