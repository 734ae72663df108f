#include "imap/transport/tls.hpp"

#include "imap/transport/tls_binding.hpp"
#include "imap/transport/tls_context.hpp"
#include "imap/transport/tls_contexts.hpp"
#include "imap/transport/tls_verdict.hpp"
#include "sync/base/event.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace mailmirror::imap::transport {
namespace {

/// A record and a bit; while little comes, much less is kept.
constexpr std::size_t kBuffer = 16 * 1024;
constexpr std::size_t kIdleBuffer = 2 * 1024;

class TlsTransport final : public Transport {
 public:
  TlsTransport(const asio::any_io_executor& executor, std::unique_ptr<Transport> below, std::shared_ptr<SSL_CTX> context, std::string host,
               std::string pinned)
      : below_(std::move(below)),
        context_(std::move(context)),
        host_(std::move(host)),
        verdict_(host_, std::move(pinned)),
        ssl_(SSL_new(context_.get())),
        flushed_(executor) {
    BIO* const incoming = BIO_new(BIO_s_mem());
    BIO* const outgoing = BIO_new(BIO_s_mem());
    if (!ssl_ || incoming == nullptr || outgoing == nullptr) throw std::bad_alloc();
    SSL_set_bio(ssl_.get(), incoming, outgoing);
    SSL_set_connect_state(ssl_.get());
    verdict_.attach(*ssl_);
  }

  Task<Result<void>> handshake() {
    for (;;) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      const int next = SSL_get_error(ssl_.get(), done);
      const auto sent = co_await flush();
      if (done == 1) co_return sent;
      if (next != SSL_ERROR_WANT_READ) co_return handshake_error();
      MAILMIRROR_CO_TRY(sent);
      const auto arrived = co_await feed();
      MAILMIRROR_CO_TRY(arrived);
      if (*arrived == 0) co_return fail(ErrorKind::tls, host_ + ": the server hung up during the TLS handshake");
    }
  }

  Task<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    for (;;) {
      ERR_clear_error();
      std::size_t count = 0;
      const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
      if (done == 1) {
        heard_ = true;
        co_return count;
      }
      const int next = SSL_get_error(ssl_.get(), done);
      if (next == SSL_ERROR_ZERO_RETURN) co_return end_of_stream();
      if (next != SSL_ERROR_WANT_READ) co_return stream_error();
      // A read can have something to say, too: the answer to a key update.
      const auto sent = co_await flush();
      MAILMIRROR_CO_TRY(sent);
      const auto arrived = co_await feed();
      MAILMIRROR_CO_TRY(arrived);
      // Some servers never send close_notify. IMAP has its own end (BYE), so a truncation can't be mistaken for an answer.
      if (*arrived == 0) co_return end_of_stream();
    }
  }

  Task<Result<void>> write_all(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      ERR_clear_error();
      std::size_t count = 0;
      const auto piece = bytes.first(std::min(bytes.size(), kBuffer));
      if (SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &count) != 1) co_return stream_error();
      bytes = bytes.subspan(count);
      const auto sent = co_await flush();
      MAILMIRROR_CO_TRY(sent);
    }
    co_return ok();
  }

  void close() override { below_->close(); }
  [[nodiscard]] std::uint64_t bytes_in() const override { return below_->bytes_in(); }
  [[nodiscard]] std::uint64_t bytes_out() const override { return below_->bytes_out(); }
  [[nodiscard]] std::vector<ChannelBinding> channel_bindings() const override { return transport::channel_bindings(*ssl_); }

 private:
  /// One who flushes at a time: the reader and the writer both may have records to send, and they must leave in order.
  class Turn {
   public:
    explicit Turn(TlsTransport& owner) : owner_(owner) { owner_.flushing_ = true; }
    ~Turn() {
      owner_.flushing_ = false;
      owner_.flushed_.notify();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    TlsTransport& owner_;
  };

  /// After it, the buffer is large where it was filled and small where it wasn't.
  class Adapted {
   public:
    Adapted(std::vector<std::byte>& buffer, std::size_t filled) : buffer_(buffer), filled_(filled) {}
    ~Adapted() {
      const auto wanted = filled_ == buffer_.size() ? kBuffer : filled_ < kIdleBuffer ? kIdleBuffer : buffer_.size();
      if (wanted != buffer_.size()) buffer_ = std::vector<std::byte>(wanted);
    }
    Adapted(const Adapted&) = delete;
    Adapted& operator=(const Adapted&) = delete;

   private:
    std::vector<std::byte>& buffer_;
    std::size_t filled_;
  };

  Task<Result<void>> flush() {
    while (flushing_) co_await flushed_.wait();
    const Turn turn(*this);
    BIO* const outgoing = SSL_get_wbio(ssl_.get());
    std::vector<std::byte> out;
    while (const auto pending = BIO_ctrl_pending(outgoing)) {
      out.resize(std::min(pending, kBuffer));
      const int count = BIO_read(outgoing, out.data(), static_cast<int>(out.size()));
      if (count <= 0) co_return stream_error();
      const auto written = co_await below_->write_all(std::span<const std::byte>(out).first(static_cast<std::size_t>(count)));
      MAILMIRROR_CO_TRY(written);
    }
    co_return ok();
  }

  /// Brings what arrived to OpenSSL; 0 at the end of the stream.
  Task<Result<std::size_t>> feed() {
    const auto arrived = co_await below_->read_some(in_);
    MAILMIRROR_CO_TRY(arrived);
    const Adapted adapted(in_, *arrived);
    if (*arrived > 0 && BIO_write(SSL_get_rbio(ssl_.get()), in_.data(), static_cast<int>(*arrived)) != static_cast<int>(*arrived))
      throw std::bad_alloc();
    co_return *arrived;
  }

  /// Some servers that don't trust the client's certificate hang up without a word.
  [[nodiscard]] Result<std::size_t> end_of_stream() const {
    if (heard_ || SSL_get_certificate(ssl_.get()) == nullptr) return std::size_t{0};
    return fail(ErrorKind::tls,
                host_ + ": the server hung up right after the TLS handshake; it may refuse the client certificate (client_cert)");
  }

  [[nodiscard]] Error handshake_error() const {
    if (verdict_.refusal()) return *verdict_.refusal();
    const bool not_tls = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER;
    if (not_tls) {
      ERR_clear_error();
      return fail(ErrorKind::tls, host_ + ": the server doesn't speak TLS on this port; is it one for tls = \"starttls\"?");
    }
    return certificate_alert().value_or(
        fail(ErrorKind::tls, fmt::format("{}: the TLS handshake failed: {}", host_, last_openssl_error())));
  }

  [[nodiscard]] Error stream_error() const {
    return certificate_alert().value_or(
        fail(ErrorKind::tls, fmt::format("{}: the TLS connection broke: {}", host_, last_openssl_error())));
  }

  /// What a server says that wants another certificate of ours. With TLS 1.3 it says so only after the handshake.
  [[nodiscard]] std::optional<Error> certificate_alert() const {
    switch (ERR_GET_REASON(ERR_peek_last_error())) {
      case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return fail(ErrorKind::tls, host_ + ": the server demands a client certificate: set client_cert and client_key");
      case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
      case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
      case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return fail(ErrorKind::tls, fmt::format("{}: the server refuses the client certificate (client_cert): {}", host_,
                                                ERR_reason_error_string(ERR_peek_last_error())));
      default: return std::nullopt;
    }
  }

  std::unique_ptr<Transport> below_;
  std::shared_ptr<SSL_CTX> context_;
  std::string host_;
  CertificateVerdict verdict_;
  SslPtr ssl_;
  bool heard_ = false;
  bool flushing_ = false;
  Event flushed_;
  std::vector<std::byte> in_ = std::vector<std::byte>(kIdleBuffer);
};

}  // namespace

Task<Result<std::unique_ptr<Transport>>> wrap_tls(std::unique_ptr<Transport> below, TlsSettings settings, TlsContexts* contexts) {
  std::string pinned;
  if (!settings.trust.fingerprint.empty()) {
    auto parsed = parse_fingerprint(settings.trust.fingerprint);
    MAILMIRROR_CO_TRY(parsed);
    pinned = std::move(*parsed);
  }
  TlsContexts own;
  auto context = (contexts == nullptr ? own : *contexts).get(settings.trust, settings.certificate);
  MAILMIRROR_CO_TRY(context);
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto tls =
      std::make_unique<TlsTransport>(executor, std::move(below), std::move(*context), std::move(settings.host), std::move(pinned));
  const auto shaken = co_await tls->handshake();
  MAILMIRROR_CO_TRY(shaken);
  co_return tls;
}

}  // namespace mailmirror::imap::transport
