#include "imap/transport/tls_binding.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <optional>
#include <string_view>

namespace mailmirror::imap::transport {
namespace {

unsigned char* octets(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

std::optional<std::string> exporter(SSL& ssl) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  constexpr std::size_t kSize = 32;
  constexpr int kEmptyContext = 1;
  // RFC 9266 allows it before TLS 1.3 only under conditions that servers seldom check.
  if (SSL_version(&ssl) < TLS1_3_VERSION) return std::nullopt;
  std::string data(kSize, '\0');
  const int done =
      SSL_export_keying_material(&ssl, octets(data), data.size(), kLabel.data(), kLabel.size(), nullptr, 0, kEmptyContext);
  return done == 1 ? std::optional(std::move(data)) : std::nullopt;
}

/// The hash of the certificate's own signature, but nothing weaker than SHA-256 (RFC 5929 §4.1). Ed25519 names none.
const EVP_MD* hash_of_signature(X509& certificate) {
  int hash = NID_undef;
  if (X509_get_signature_info(&certificate, &hash, nullptr, nullptr, nullptr) != 1 || hash == NID_undef) return nullptr;
  if (hash == NID_md5 || hash == NID_sha1) return EVP_sha256();
  return EVP_get_digestbynid(hash);
}

std::optional<std::string> server_end_point(SSL& ssl) {
  X509* const certificate = SSL_get0_peer_certificate(&ssl);
  const EVP_MD* const hash = certificate == nullptr ? nullptr : hash_of_signature(*certificate);
  if (hash == nullptr) return std::nullopt;
  std::string data(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (X509_digest(certificate, hash, octets(data), &size) != 1) return std::nullopt;
  data.resize(size);
  return data;
}

}  // namespace

std::vector<ChannelBinding> channel_bindings(SSL& ssl) {
  std::vector<ChannelBinding> bindings;
  if (auto data = exporter(ssl)) bindings.push_back({"tls-exporter", std::move(*data)});
  if (auto data = server_end_point(ssl)) bindings.push_back({"tls-server-end-point", std::move(*data)});
  return bindings;
}

}  // namespace mailmirror::imap::transport
