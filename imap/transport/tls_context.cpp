#include "imap/transport/tls_context.hpp"

#include "imap/transport/tls_verdict.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <new>

namespace mailmirror::imap::transport {

std::string last_openssl_error() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no details" : reason;
}

bool is_ip_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

Result<std::string> parse_fingerprint(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr std::size_t kDigits = 64;
  const auto malformed = fail(ErrorKind::configuration, fmt::format("fingerprint = \"{}\": it should be \"sha256:\" and 64 "
                                                                    "hexadecimal digits",
                                                                    text));
  if (!ascii::equal_ignoring_case(text.substr(0, kPrefix.size()), kPrefix)) return malformed;
  std::string digits = ascii::to_lower(text.substr(kPrefix.size()));
  std::erase(digits, ':');
  if (digits.size() != kDigits || digits.find_first_not_of("0123456789abcdef") != std::string::npos) return malformed;
  return digits;
}

namespace {

/// In place of OpenSSL's own, which asks on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Result<void> show_certificate(SSL_CTX& context, const ClientCertificate& certificate) {
  if (certificate.file.empty()) return ok();
  SSL_CTX_set_default_passwd_cb(&context, no_passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(&context, certificate.file.c_str()) != 1)
    return fail(ErrorKind::configuration,
                fmt::format("{}: can't read the client certificate: {}; client_cert should name a PEM file", certificate.file,
                            last_openssl_error()));
  const auto& key = certificate.key_file.empty() ? certificate.file : certificate.key_file;
  // Fails, too, if the key isn't that of the certificate.
  if (SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(
        ErrorKind::configuration,
        fmt::format("{}: can't use the client certificate's key: {}; client_key should name a PEM file, without a passphrase", key,
                    last_openssl_error()));
  return ok();
}

}  // namespace

Result<SslContextPtr> make_context(const TlsTrust& trust, const ClientCertificate& certificate) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ERR_clear_error();
  const bool own_issuers = !trust.ca_file.empty();
  const int loaded = own_issuers ? SSL_CTX_load_verify_file(context.get(), trust.ca_file.c_str())
                                 : SSL_CTX_set_default_verify_paths(context.get());
  if (loaded != 1)
    return fail(ErrorKind::configuration, fmt::format("{}: can't read trusted certificates: {}; ca_file should name a PEM file",
                                                      own_issuers ? trust.ca_file : "the system's store", last_openssl_error()));
  const auto shown = show_certificate(*context, certificate);
  MAILMIRROR_TRY(shown);
  CertificateVerdict::prepare(*context);
  return context;
}

}  // namespace mailmirror::imap::transport
