#include "imap/auth/scram.hpp"

#include "imap/auth/base64.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace mailmirror::imap::auth {
namespace {

/// An attacker's server mustn't keep the network thread busy: this many take well under a second.
constexpr int kMostIterations = 1'000'000;
constexpr std::string_view kUnknownToCyrus = "bad protocol / cancel";

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// The value of "k=…" in a comma-separated message; nullopt if it isn't there.
std::optional<std::string_view> attribute(std::string_view message, char key) {
  while (!message.empty()) {
    const auto end = std::min(message.find(','), message.size());
    const auto part = message.substr(0, end);
    if (part.size() >= 2 && part[0] == key && part[1] == '=') return part.substr(2);
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return std::nullopt;
}

Error malformed(std::string_view what) {
  return fail(ErrorKind::authentication,
              fmt::format("the server's SCRAM message makes no sense ({}); auth = \"plain\" avoids SCRAM", what));
}

/// A reason that a server may give in place of its proof (RFC 5802 §7).
struct Refusal {
  std::string_view reason;
  Retreat retreat;
  std::string_view words;
};

constexpr std::array kRefusals{
    Refusal{"channel-binding-not-supported", Retreat::no_binding, "it has no channel binding"},
    Refusal{"unsupported-channel-binding-type", Retreat::other_binding, "it doesn't know this type of channel binding"},
    Refusal{"channel-bindings-dont-match", Retreat::none,
            "it sees another TLS connection than this one. Somebody is in between: a proxy of the server's, or an attacker. "
            "auth = \"scram-sha-256\" does without channel binding"},
    Refusal{"server-does-support-channel-binding", Retreat::none,
            "it has channel binding, but its offer didn't arrive here: somebody meddles with the connection"},
    Refusal{"invalid-proof", Retreat::none, "the password is wrong"},
    Refusal{"unknown-user", Retreat::none, "it doesn't know the user"},
};

class Scram final : public Mechanism {
 public:
  Scram(ScramHash hash, Credentials credentials, std::string nonce, const Binding& binding)
      : name_(std::string(hash == ScramHash::sha_1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256") +
              (binding.flag == Binding::Flag::bound ? "-PLUS" : "")),
        digest_(hash == ScramHash::sha_1 ? EVP_sha1() : EVP_sha256()),
        password_(std::move(credentials.secret)),
        nonce_(std::move(nonce)),
        header_(gs2_header(binding)),
        channel_data_(binding.channel.data),
        first_bare_(fmt::format("n={},r={}", gs2_name(credentials.user), nonce_)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  std::optional<std::string> initial_response() override { return header_ + first_bare_; }

  Result<std::string> respond(std::string_view challenge) override {
    if (const auto reason = attribute(challenge, 'e')) return refused(*reason);
    switch (state_) {
      case State::awaits_salt: return prove(challenge);
      case State::awaits_signature: return verify(challenge);
      case State::verified: break;
    }
    return malformed("a third message");
  }

  [[nodiscard]] Result<void> finish() const override {
    if (state_ == State::verified) return ok();
    return fail(ErrorKind::authentication, "the server said OK without proving that it knows the password; it may be an impostor");
  }

  [[nodiscard]] Retreat retreat(std::string_view words) const override {
    const bool unknown_binding = !channel_data_.empty() && state_ == State::awaits_signature;
    if (unknown_binding && words.find(kUnknownToCyrus) != std::string_view::npos) return Retreat::other_method;
    return retreat_;
  }

 private:
  enum class State : std::uint8_t { awaits_salt, awaits_signature, verified };

  Error refused(std::string_view reason) {
    const auto* const known = std::find_if(kRefusals.begin(), kRefusals.end(), [&](const auto& r) { return r.reason == reason; });
    if (known != kRefusals.end()) retreat_ = known->retreat;
    return fail(ErrorKind::authentication,
                fmt::format("the server refuses {}: {}", name_, known == kRefusals.end() ? reason : known->words));
  }

  Result<std::string> prove(std::string_view challenge) {
    const auto nonce = attribute(challenge, 'r');
    const auto salt64 = attribute(challenge, 's');
    const auto rounds = attribute(challenge, 'i');
    if (!nonce || !salt64 || !rounds || challenge.starts_with("m=")) return malformed("first message");
    if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size()) return malformed("nonce");
    const auto salt = decode_base64(*salt64);
    int iterations = 0;
    const auto [end, error] = std::from_chars(rounds->data(), rounds->data() + rounds->size(), iterations);
    const bool whole = error == std::errc{} && end == rounds->data() + rounds->size();
    if (!salt || !whole || iterations < 1 || iterations > kMostIterations) return malformed("salt or iteration count");

    const auto salted = stretch(*salt, iterations);
    const auto client_key = hmac(salted, "Client Key");
    const auto final_bare = fmt::format("c={},r={}", encode_base64(header_ + channel_data_), *nonce);
    const auto transcript = fmt::format("{},{},{}", first_bare_, challenge, final_bare);
    auto proof = hmac(hash(client_key), transcript);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
    server_signature_ = hmac(hmac(salted, "Server Key"), transcript);
    state_ = State::awaits_signature;
    retreat_ = Retreat::none;
    return fmt::format("{},p={}", final_bare, encode_base64(proof));
  }

  Result<std::string> verify(std::string_view challenge) {
    const auto signature64 = attribute(challenge, 'v');
    const auto signature = signature64 ? decode_base64(*signature64) : std::nullopt;
    const bool same = signature && signature->size() == server_signature_.size() &&
                      CRYPTO_memcmp(signature->data(), server_signature_.data(), signature->size()) == 0;
    if (!same)
      return fail(ErrorKind::authentication, "the server couldn't prove that it knows the password; it may be an impostor");
    state_ = State::verified;
    return std::string();
  }

  [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(EVP_MD_get_size(digest_)); }

  [[nodiscard]] std::string stretch(std::string_view salt, int iterations) const {
    std::string key(width(), '\0');
    if (PKCS5_PBKDF2_HMAC(password_.data(), static_cast<int>(password_.size()), octets(salt), static_cast<int>(salt.size()),
                          iterations, digest_, static_cast<int>(key.size()), reinterpret_cast<unsigned char*>(key.data())) != 1)
      throw std::runtime_error("PBKDF2 failed");
    return key;
  }

  [[nodiscard]] std::string hmac(std::string_view key, std::string_view text) const {
    std::string code(width(), '\0');
    if (HMAC(digest_, key.data(), static_cast<int>(key.size()), octets(text), text.size(),
             reinterpret_cast<unsigned char*>(code.data()), nullptr) == nullptr)
      throw std::runtime_error("HMAC failed");
    return code;
  }

  [[nodiscard]] std::string hash(std::string_view text) const {
    std::string value(width(), '\0');
    if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(value.data()), nullptr, digest_, nullptr) != 1)
      throw std::runtime_error("hashing failed");
    return value;
  }

  std::string name_;
  const EVP_MD* digest_;
  std::string password_;
  std::string nonce_;
  std::string header_;
  std::string channel_data_;
  std::string first_bare_;
  std::string server_signature_;
  State state_ = State::awaits_salt;
  Retreat retreat_ = Retreat::other_method;
};

}  // namespace

std::unique_ptr<Mechanism> make_scram(ScramHash hash, Credentials credentials, std::string nonce, Binding binding) {
  return std::make_unique<Scram>(hash, std::move(credentials), std::move(nonce), binding);
}

}  // namespace mailmirror::imap::auth
