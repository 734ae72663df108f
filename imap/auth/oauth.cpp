#include "imap/auth/oauth.hpp"

#include <fmt/format.h>

namespace mailmirror::imap::auth {
namespace {

constexpr char kSeparator = '\x01';

/// A challenge after the token is the server's refusal in JSON; the client answers with next to nothing to get the tagged NO.
class TokenMechanism final : public Mechanism {
 public:
  TokenMechanism(std::string_view name, std::string first, std::string acknowledgement)
      : name_(name), first_(std::move(first)), acknowledgement_(std::move(acknowledgement)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  std::optional<std::string> initial_response() override { return first_; }
  Result<std::string> respond(std::string_view) override { return acknowledgement_; }

 private:
  std::string_view name_;
  std::string first_;
  std::string acknowledgement_;
};

}  // namespace

std::unique_ptr<Mechanism> make_oauthbearer(Credentials credentials) {
  auto first = fmt::format("{0}{4}host={1}{4}port={2}{4}auth=Bearer {3}{4}{4}", gs2_header({}, credentials.user), credentials.host,
                           credentials.port, credentials.secret, kSeparator);
  return std::make_unique<TokenMechanism>("OAUTHBEARER", std::move(first), std::string(1, kSeparator));
}

std::unique_ptr<Mechanism> make_xoauth2(Credentials credentials) {
  auto first = fmt::format("user={0}{2}auth=Bearer {1}{2}{2}", credentials.user, credentials.secret, kSeparator);
  return std::make_unique<TokenMechanism>("XOAUTH2", std::move(first), std::string());
}

}  // namespace mailmirror::imap::auth
