#include "imap/transport/tls_verdict.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <new>
#include <vector>

namespace mailmirror::imap::transport {
namespace {

std::string fingerprint_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &length) != 1) return {};
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string date_of(const ASN1_TIME* time) {
  std::tm date{};
  if (ASN1_TIME_to_tm(time, &date) != 1) return "an unreadable date";
  return fmt::format("{:%Y-%m-%d}", date);
}

std::string common_name_of(const X509_NAME* name) {
  std::array<char, 256> text{};
  const int length = X509_NAME_get_text_by_NID(name, NID_commonName, text.data(), static_cast<int>(text.size()));
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string("(no name)");
}

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpenSslFree<GENERAL_NAMES_free>>;

/// The host names and addresses that a certificate is for.
std::string subjects_of(const X509& certificate) {
  std::vector<std::string> subjects;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(names.get(), i);
    if (name.type == GEN_DNS)
      subjects.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.dNSName)),
                            static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName)));
    if (name.type == GEN_IPADD && ASN1_STRING_length(name.d.iPAddress) == 4) {
      const unsigned char* const ip = ASN1_STRING_get0_data(name.d.iPAddress);
      subjects.push_back(fmt::format("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]));
    }
  }
  if (subjects.empty()) return common_name_of(X509_get_subject_name(&certificate));
  return fmt::format("{}", fmt::join(subjects, ", "));
}

/// What is wrong, as the end of a sentence that starts with "the certificate".
std::string reason(int code, const X509& leaf, const X509* failing) {
  const X509& concerned = failing == nullptr ? leaf : *failing;
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "expired on " + date_of(X509_get0_notAfter(&concerned));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("is valid only from {} on (is this machine's clock right?)", date_of(X509_get0_notBefore(&concerned)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "is for another host: " + subjects_of(leaf);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "is self-signed";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return fmt::format("is from an issuer that isn't trusted here: {}", common_name_of(X509_get_issuer_name(&concerned)));
    default: return fmt::format("isn't valid: {}", X509_verify_cert_error_string(code));
  }
}

}  // namespace

namespace {

/// Where a connection keeps its verdict.
int verdict_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void CertificateVerdict::prepare(SSL_CTX& context) {
  SSL_CTX_set_cert_verify_callback(&context, &CertificateVerdict::on_verify, nullptr);
}

void CertificateVerdict::attach(SSL& ssl) {
  if (SSL_set_ex_data(&ssl, verdict_index(), this) != 1) throw std::bad_alloc();
  SSL_set_verify(&ssl, SSL_VERIFY_PEER, nullptr);
  if (is_ip_address(host_)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&ssl), host_.c_str());
    return;
  }
  SSL_set_tlsext_host_name(&ssl, host_.c_str());
  SSL_set_hostflags(&ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(&ssl, host_.c_str());
}

/// A connection without a verdict trusts nobody.
int CertificateVerdict::on_verify(X509_STORE_CTX* chain, void*) {
  const auto* const ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const verdict = ssl == nullptr ? nullptr : static_cast<CertificateVerdict*>(SSL_get_ex_data(ssl, verdict_index()));
  return verdict != nullptr && verdict->verify(*chain) ? 1 : 0;
}

bool CertificateVerdict::verify(X509_STORE_CTX& chain) {
  X509& leaf = *X509_STORE_CTX_get0_cert(&chain);
  const bool trusted = pinned_.empty() ? X509_verify_cert(&chain) == 1 : fingerprint_of(leaf) == pinned_;
  if (!trusted) refusal_ = refused(chain, leaf);
  if (!trusted && !pinned_.empty()) X509_STORE_CTX_set_error(&chain, X509_V_ERR_CERT_UNTRUSTED);
  return trusted;
}

Error CertificateVerdict::refused(X509_STORE_CTX& chain, X509& leaf) const {
  const auto seen = fingerprint_of(leaf);
  if (!pinned_.empty())
    return fail(
        ErrorKind::certificate,
        fmt::format("{}: the certificate isn't the pinned one. If the server really has a new one, set fingerprint = \"sha256:{}\"",
                    host_, seen));
  const auto what = reason(X509_STORE_CTX_get_error(&chain), leaf, X509_STORE_CTX_get_current_cert(&chain));
  return fail(ErrorKind::certificate,
              fmt::format("{}: the server's certificate {}. If it is yours to trust, set ca_file to its issuer's PEM file, or "
                          "fingerprint = \"sha256:{}\"",
                          host_, what, seen));
}

}  // namespace mailmirror::imap::transport
