// SASL against a server that says anything: no crash, no login that wasn't proved, and base64 that has one spelling.
#include "imap/auth/base64.hpp"
#include "imap/auth/mechanism.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace {

using namespace mailmirror;
using namespace mailmirror::imap::auth;
using fuzz::Input;
using fuzz::require;

constexpr char kEndOfChallenge = '|';
/// Stands for the nonce that the client has sent: no fuzzer would find it.
constexpr char kNonce = '`';

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override { std::fill(bytes.begin(), bytes.end(), std::byte{0x5a}); }
};

std::unique_ptr<Mechanism> mechanism_number(std::uint8_t number, Random& random) {
  constexpr std::array kMethods{AuthMethod::scram_sha_256, AuthMethod::scram_sha_1, AuthMethod::login,   AuthMethod::plain,
                                AuthMethod::oauthbearer,   AuthMethod::xoauth2,     AuthMethod::external};
  Credentials credentials;
  credentials.user = "us,er=";
  credentials.secret = "pencil";
  credentials.host = "mail.example";
  return make_mechanism(kMethods[number % kMethods.size()], std::move(credentials), random);
}

std::string with_nonce(std::string_view challenge, std::string_view nonce) {
  std::string text;
  for (const char c : challenge) c == kNonce ? text += nonce : text += c;
  return text;
}

void check_base64(std::string_view text) {
  const auto decoded = decode_base64(text);
  require(!decoded || encode_base64(*decoded) == text, "base64 has one spelling");
  require(decode_base64(encode_base64(text)) == text, "base64 gives back what it took");
}

/// Up to four challenges, as long as the mechanism answers.
void converse(Mechanism& mechanism, Input& input) {
  const auto first = mechanism.initial_response();
  const auto mark = first ? first->rfind("r=") : std::string::npos;
  const auto nonce = mark == std::string::npos ? std::string() : first->substr(mark + 2);
  bool refused = false;
  for (int n = 0; n < 4 && !refused; ++n) {
    const auto answer = mechanism.respond(with_nonce(input.until(kEndOfChallenge), nonce));
    refused = !answer;
    require(!refused || !answer.error().message.empty(), "an error has words");
  }
  // Nobody can sign for a password that he doesn't know.
  require(!mechanism.name().starts_with("SCRAM") || !mechanism.finish(), "SCRAM takes no server for proved");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  FixedRandom random;
  const auto mechanism = mechanism_number(input.byte(), random);
  check_base64(input.rest());
  converse(*mechanism, input);
  return 0;
}
