#include "tests/support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace mailmirror::testing {
namespace {

struct Deleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

void require(bool done, const char* what) {
  if (!done) throw HarnessError(std::string("OpenSSL can't make a certificate: ") + what);
}

Owned<EVP_PKEY> new_key() {
  Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  require(key != nullptr, "key");
  return key;
}

Owned<X509> new_certificate(const char* common_name, long serial, EVP_PKEY* key) {
  Owned<X509> certificate(X509_new());
  require(certificate != nullptr, "new");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return certificate;
}

void set_validity(X509* certificate, long from, long until) {
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until);
}

void extend(X509* certificate, int kind, const std::string& value) {
  Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  require(X509_sign(certificate, issuer_key, EVP_sha256()) != 0, "sign");
}

Owned<std::FILE> open_for_writing(const fs::path& path) {
  Owned<std::FILE> file(std::fopen(path.c_str(), "w"));
  if (!file) throw_errno("write " + path.string());
  return file;
}

void write_certificate(const fs::path& path, X509* certificate) {
  require(PEM_write_X509(open_for_writing(path).get(), certificate) == 1, "write");
}

void write_key(const fs::path& path, EVP_PKEY* key) {
  require(PEM_write_PrivateKey(open_for_writing(path).get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "key file");
}

}  // namespace

void make_certificates(const fs::path& folder, const CertificateOptions& options) {
  fs::create_directories(folder);
  const auto authority_key = new_key();
  const auto authority = new_certificate(options.authority.c_str(), 1, authority_key.get());
  set_validity(authority.get(), -10L * 365 * 86'400, 86'400);
  extend(authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(authority.get(), authority.get(), authority_key.get());

  const auto key = new_key();
  const auto server = new_certificate(options.host.c_str(), 2, key.get());
  set_validity(server.get(), options.valid_from, options.valid_until);
  extend(server.get(), NID_subject_alt_name, "DNS:" + options.host + (options.host == "localhost" ? ",IP:127.0.0.1" : ""));
  if (options.signer == CertificateOptions::Signer::itself) {
    sign(server.get(), server.get(), key.get());
  } else {
    sign(server.get(), authority.get(), authority_key.get());
  }
  write_certificate(folder / "ca.crt", authority.get());
  write_certificate(folder / "server.crt", server.get());
  write_key(folder / "server.key", key.get());

  const auto client_key = new_key();
  const auto client = new_certificate(options.client.c_str(), 3, client_key.get());
  set_validity(client.get(), -3600, 86'400);
  sign(client.get(), authority.get(), authority_key.get());
  write_certificate(folder / "client.crt", client.get());
  write_key(folder / "client.key", client_key.get());
}

}  // namespace mailmirror::testing
