#include "daemon/import/certificates.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <memory>

namespace mailmirror::daemon::migration {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

constexpr std::array<const char*, 4> kSystemStores{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                                   "/etc/ssl/cert.pem", "/etc/ssl/certs/ca-bundle.crt"};

std::string fingerprint_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) return "";
  std::string text = "sha256:";
  for (unsigned int n = 0; n < length; ++n) text += fmt::format("{:02x}", digest[n]);
  return text;
}

}  // namespace

CertificateFile look_at_certificates(const std::filesystem::path& file, bool local_server) {
  using Kind = CertificateFile::Kind;
  for (const char* store : kSystemStores)
    if (file.lexically_normal() == store) return {Kind::system, ""};
  const std::unique_ptr<std::FILE, CloseFile> in(std::fopen(file.c_str(), "re"));
  if (!in) return {};
  const Certificate first(PEM_read_X509(in.get(), nullptr, nullptr, nullptr));
  if (!first) return {};
  const Certificate second(PEM_read_X509(in.get(), nullptr, nullptr, nullptr));
  const bool authority = X509_check_ca(first.get()) > 0;
  const bool pinned = !second && (local_server || !authority);
  return {pinned ? Kind::one_server : Kind::authorities, fingerprint_of(first.get())};
}

}  // namespace mailmirror::daemon::migration
