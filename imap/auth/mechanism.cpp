#include "imap/auth/mechanism.hpp"

#include "imap/auth/oauth.hpp"
#include "imap/auth/scram.hpp"

#include <boost/assert.hpp>

namespace mailmirror::imap::auth {
namespace {

constexpr std::size_t kNonceDigits = 36;

Error unexpected_challenge(std::string_view mechanism) {
  return fail(ErrorKind::authentication, std::string(mechanism) + ": the server asks for more than the mechanism has to say");
}

/// PLAIN (RFC 4616) and EXTERNAL (RFC 4422 §A): all is said in the first message.
class OneMessage final : public Mechanism {
 public:
  OneMessage(std::string_view name, std::string message) : name_(name), message_(std::move(message)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  std::optional<std::string> initial_response() override { return message_; }
  Result<std::string> respond(std::string_view) override { return unexpected_challenge(name_); }

 private:
  std::string_view name_;
  std::string message_;
};

/// LOGIN: two prompts, whatever their words.
class LoginPrompts final : public Mechanism {
 public:
  explicit LoginPrompts(Credentials credentials) : credentials_(std::move(credentials)) {}

  [[nodiscard]] std::string_view name() const override { return "LOGIN"; }
  std::optional<std::string> initial_response() override { return std::nullopt; }
  Result<std::string> respond(std::string_view) override {
    switch (prompts_++) {
      case 0: return credentials_.user;
      case 1: return credentials_.secret;
      default: return unexpected_challenge(name());
    }
  }

 private:
  Credentials credentials_;
  int prompts_ = 0;
};

std::string plain_message(const Credentials& credentials) {
  std::string message(1, '\0');
  message += credentials.user;
  message += '\0';
  message += credentials.secret;
  return message;
}

}  // namespace

std::unique_ptr<Mechanism> make_mechanism(AuthMethod method, Credentials credentials, Random& random, Binding binding) {
  BOOST_ASSERT((binding.flag == Binding::Flag::bound) == binds_channel(method));
  switch (method) {
    case AuthMethod::plain: return std::make_unique<OneMessage>("PLAIN", plain_message(credentials));
    case AuthMethod::login: return std::make_unique<LoginPrompts>(std::move(credentials));
    case AuthMethod::scram_sha_256_plus:
    case AuthMethod::scram_sha_256:
      return make_scram(ScramHash::sha_256, std::move(credentials), random.hex(kNonceDigits), std::move(binding));
    case AuthMethod::scram_sha_1_plus:
    case AuthMethod::scram_sha_1:
      return make_scram(ScramHash::sha_1, std::move(credentials), random.hex(kNonceDigits), std::move(binding));
    case AuthMethod::xoauth2: return make_xoauth2(std::move(credentials));
    case AuthMethod::oauthbearer: return make_oauthbearer(std::move(credentials));
    case AuthMethod::external: return std::make_unique<OneMessage>("EXTERNAL", std::move(credentials.user));
    case AuthMethod::automatic: break;
  }
  BOOST_ASSERT_MSG(false, "the method has to be chosen first");
  return nullptr;
}

}  // namespace mailmirror::imap::auth
