// The flows of OAuth2 by what is said on both sides, without a socket or a clock.
#include "daemon/signin/answers.hpp"
#include "daemon/signin/code_grant.hpp"
#include "daemon/signin/device_grant.hpp"
#include "daemon/signin/provider.hpp"
#include "tests/unit/imap/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::daemon::signin {
namespace {

using namespace std::chrono_literals;
using mailmirror::testing::CountingRandom;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const SystemTime kNow = SystemTime(std::chrono::hours(24 * 365 * 50));

http::Response response(unsigned status, std::string body) {
  http::Response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

TokenAnswer refusal(const std::string& code) {
  return read_token_answer(response(400, R"({"error": ")" + code + R"("})"), "X", kNow);
}

config::OAuth2 client() {
  config::OAuth2 made;
  made.client_id = "id";
  return made;
}

TEST(Tokens, Fresh_EndsBeforeTheEnd) {
  Tokens tokens{"a", "r", kNow, kNow + 1h};
  EXPECT_TRUE(tokens.fresh(kNow + 54min));
  EXPECT_FALSE(tokens.fresh(kNow + 55min));
  tokens.expires = kNow + 100s;
  EXPECT_TRUE(tokens.fresh(kNow + 89s));
  EXPECT_FALSE(tokens.fresh(kNow + 90s));
  EXPECT_FALSE(tokens.fresh(kNow - 1h)) << "a clock that went back";
  tokens.expires.reset();
  EXPECT_TRUE(tokens.fresh(kNow + 1000h));
  EXPECT_FALSE(Tokens{}.fresh(kNow));
}

TEST(TokenAnswer, Tokens_AreRead) {
  const auto answer = read_token_answer(
      response(200, R"({"token_type":"Bearer","access_token":"at","refresh_token":"rt","expires_in":3599,"scope":"x","more":[1]})"),
      "X", kNow);
  EXPECT_EQ(std::get<Tokens>(*answer), (Tokens{"at", "rt", kNow, kNow + 3599s}));
}

TEST(TokenAnswer, NumberAsText_IsRead) {
  const auto answer = read_token_answer(response(200, R"({"access_token":"at","expires_in":"60"})"), "X", kNow);
  EXPECT_EQ(std::get<Tokens>(*answer).expires, kNow + 60s);
}

TEST(TokenAnswer, UnbelievableLife_IsNone) {
  for (const char* life : {"-5", "0", "99999999999999999", "\"soon\"", "null", "1e300"}) {
    const auto answer =
        read_token_answer(response(200, std::string(R"({"access_token":"at","expires_in":)") + life + "}"), "X", kNow);
    EXPECT_EQ(std::get<Tokens>(*answer).expires, std::nullopt) << life;
  }
}

TEST(TokenAnswer, Refusal_TellsCodeAndWords) {
  const auto answer = read_token_answer(
      response(400, R"({"error":"invalid_grant","error_description":"AADSTS700082: expired.\r\nTrace ID: 1"})"), "X", kNow);
  EXPECT_EQ(std::get<Refusal>(*answer).text(), "invalid_grant: AADSTS700082: expired.");
}

TEST(TokenAnswer, Nonsense_IsAnErrorOfItsKind) {
  const auto kind_of = [](unsigned status, const char* body) {
    return read_token_answer(response(status, body), "X", kNow).error().kind;
  };
  EXPECT_EQ(kind_of(200, "<html>"), ErrorKind::protocol);
  EXPECT_EQ(kind_of(200, "{}"), ErrorKind::protocol);
  EXPECT_EQ(kind_of(200, "[]"), ErrorKind::protocol);
  EXPECT_EQ(kind_of(200, R"({"access_token": 5})"), ErrorKind::protocol);
  EXPECT_EQ(kind_of(200, R"({"access_token": "a\r\nb LOGOUT"})"), ErrorKind::protocol) << "it would go onto an IMAP line";
  EXPECT_EQ(kind_of(503, "busy"), ErrorKind::network);
  EXPECT_EQ(kind_of(429, R"({"error":"x"})"), ErrorKind::throttled);
  EXPECT_EQ(kind_of(404, "not here"), ErrorKind::protocol);
  EXPECT_EQ(read_token_answer(response(400, R"({"error":"a\u001b[31m"})"), "X", kNow).has_value(), true);
  EXPECT_THAT(readable("a\x1b[31mb"), Not(HasSubstr("\x1b")));
}

class Device : public ::testing::Test {
 protected:
  static DeviceGrant grant() {
    return read_device_grant(
               response(
                   200,
                   R"({"device_code":"dc","user_code":"AB-CD","verification_uri":"https://x/d","expires_in":60,"interval":5})"),
               "X")
        .value();
  }
  SteadyTime begin{1h};
  DeviceWait wait{grant(), begin};

  bool goes_on(const TokenAnswer& answer) {
    const auto heard = wait.hear(answer, wait.next());
    return heard && std::holds_alternative<DeviceWait::Again>(*heard);
  }
};

TEST_F(Device, Polls_FollowTheInterval) {
  EXPECT_EQ(wait.next(), begin + 5s);
  EXPECT_TRUE(goes_on(refusal("authorization_pending")));
  EXPECT_EQ(wait.next(), begin + 10s);
  const auto heard = wait.hear(read_token_answer(response(200, R"({"access_token":"at"})"), "X", kNow), wait.next());
  EXPECT_EQ(std::get<Tokens>(*heard).access, "at");
}

TEST_F(Device, SlowDown_AddsFiveSecondsForGood) {
  EXPECT_TRUE(goes_on(refusal("slow_down")));
  EXPECT_EQ(wait.next(), begin + 15s);
  EXPECT_TRUE(goes_on(refusal("authorization_pending")));
  EXPECT_EQ(wait.next(), begin + 25s);
}

TEST_F(Device, NetworkFailure_AsksMoreSlowly) {
  EXPECT_TRUE(goes_on(TokenAnswer(Error(ErrorKind::network, "down"))));
  EXPECT_EQ(wait.next(), begin + 15s);
}

TEST_F(Device, Endings_AreTold) {
  EXPECT_EQ(wait.hear(refusal("access_denied"), begin).error().kind, ErrorKind::authentication);
  EXPECT_EQ(wait.hear(refusal("expired_token"), begin).error().kind, ErrorKind::timeout);
  EXPECT_THAT(wait.hear(refusal("invalid_client"), begin).error().message, HasSubstr("invalid_client"));
  EXPECT_EQ(wait.hear(TokenAnswer(Error(ErrorKind::certificate, "c")), begin).error().kind, ErrorKind::certificate);
}

TEST_F(Device, ProviderThatNeverSaysExpired_EndsToo) {
  int polls = 0;
  while (goes_on(refusal("authorization_pending"))) ASSERT_LT(++polls, 20);
  EXPECT_EQ(wait.hear(refusal("authorization_pending"), begin + 60s).error().kind, ErrorKind::timeout);
}

TEST_F(Device, Requests_NameGrantAndScope) {
  auto google = known_provider({});
  google.scopes = {"imap", "offline_access"};
  EXPECT_THAT(device_form(client(), google), ElementsAre(Pair("client_id", "id"), Pair("scope", "imap offline_access")));
  EXPECT_THAT(wait.form(client()), AllOf(Contains(Pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code")),
                                         Contains(Pair("device_code", "dc"))));
}

TEST(DeviceGrant, Nonsense_IsRefused) {
  EXPECT_EQ(read_device_grant(response(200, R"({"device_code":"d","user_code":"u","verification_uri":"javascript:x"})"), "X")
                .error()
                .kind,
            ErrorKind::protocol);
  EXPECT_EQ(read_device_grant(response(200, "{}"), "X").error().kind, ErrorKind::protocol);
  const auto refused = read_device_grant(response(401, R"({"error":"invalid_client"})"), "X");
  EXPECT_EQ(refused.error().kind, ErrorKind::authentication);
  EXPECT_THAT(refused.error().message, HasSubstr("invalid_client"));
  const auto old =
      read_device_grant(response(200, R"({"device_code":"d","user_code":"u","verification_url":"https://g/d"})"), "X").value();
  EXPECT_EQ(old.verification_url, "https://g/d");
  EXPECT_EQ(old.interval, 5s);
  const auto hasty =
      read_device_grant(response(200, R"({"device_code":"d","user_code":"u","verification_uri":"https://g/d","interval":0})"), "X");
  EXPECT_EQ(hasty->interval, 1s);
}

/// RFC 7636, appendix B.
TEST(Pkce, Challenge_IsThatOfTheStandard) {
  EXPECT_EQ(pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

class Code : public ::testing::Test {
 protected:
  CountingRandom random;
  CodeGrant grant{random, "http://127.0.0.1:7"};
  config::OAuth2 google = [] {
    auto made = client();
    made.provider = config::OAuth2::Provider::google;
    return made;
  }();
  http::Fields asked = http::query_of(grant.authorize_url(google, known_provider(google), "me@example.org"));
  std::string state = http::field_of(asked, "state").value();
};

TEST_F(Code, Question_HasPkceStateAndWhatGoogleWants) {
  EXPECT_THAT(grant.authorize_url(google, known_provider(google), "u"),
              ::testing::StartsWith("https://accounts.google.com/o/oauth2/v2/auth?"));
  EXPECT_THAT(asked,
              AllOf(Contains(Pair("response_type", "code")), Contains(Pair("code_challenge_method", "S256")),
                    Contains(Pair("redirect_uri", "http://127.0.0.1:7")), Contains(Pair("scope", "https://mail.google.com/")),
                    Contains(Pair("access_type", "offline")), Contains(Pair("login_hint", "me@example.org"))));
  EXPECT_EQ(state.size(), 43U);
}

TEST_F(Code, Answer_GivesTheCodeAndTheVerifierFits) {
  EXPECT_EQ(grant.code_in("http://127.0.0.1:7/?state=" + state + "&code=4%2Fabc&scope=x#").value(), "4/abc");
  const auto form = grant.form(google, "4/abc");
  EXPECT_THAT(form, AllOf(Contains(Pair("grant_type", "authorization_code")), Contains(Pair("code", "4/abc")),
                          Contains(Pair("redirect_uri", "http://127.0.0.1:7"))));
  EXPECT_EQ(pkce_challenge(http::field_of(form, "code_verifier").value()), http::field_of(asked, "code_challenge"));
}

TEST_F(Code, ForeignState_IsNoAnswer) {
  for (const std::string& url : {std::string("/?code=c"), std::string("/?code=c&state="), "/?code=c&state=" + state + "x",
                                 std::string("c"), std::string(), "/?state=" + state})
    EXPECT_EQ(grant.code_in(url).error().kind, ErrorKind::protocol) << url;
  EXPECT_EQ(grant.code_in("/?error=access_denied&state=x").error().kind, ErrorKind::protocol);
}

TEST_F(Code, Decline_IsTheEnd) {
  const auto declined = grant.code_in("/?error=access_denied&state=" + state);
  EXPECT_EQ(declined.error().kind, ErrorKind::authentication);
  EXPECT_THAT(declined.error().message, HasSubstr("declined"));
}

TEST(Provider, Microsoft_HasTheTenantsAddresses) {
  auto oauth2 = client();
  oauth2.provider = config::OAuth2::Provider::microsoft;
  oauth2.tenant = "example.org";
  const auto provider = known_provider(oauth2);
  EXPECT_EQ(provider.device_url, "https://login.microsoftonline.com/example.org/oauth2/v2.0/devicecode");
  EXPECT_EQ(provider.scope(), "https://outlook.office.com/IMAP.AccessAsUser.All offline_access");
  oauth2.token_url = "https://elsewhere/t";
  oauth2.scopes = {"s"};
  EXPECT_EQ(known_provider(oauth2).token_url, "https://elsewhere/t");
  EXPECT_EQ(known_provider(oauth2).scope(), "s");
}

TEST(Provider, Google_HasNoDeviceCodeForMail) {
  auto oauth2 = client();
  oauth2.provider = config::OAuth2::Provider::google;
  EXPECT_EQ(known_provider(oauth2).device_url, "");
}

TEST(Provider, Issuer_IsDescribedAtTheStandardsPlaces) {
  EXPECT_THAT(description_urls("https://id.example.org/realm/"),
              ElementsAre("https://id.example.org/realm/.well-known/openid-configuration",
                          "https://id.example.org/.well-known/oauth-authorization-server/realm"));
}

TEST(Provider, Description_IsTakenOverButForWhatIsConfigured) {
  Provider provider;
  provider.device_url = "https://mine/d";
  ASSERT_TRUE(take_description(provider, "https://id", R"({"issuer":"https://id/","authorization_endpoint":"https://id/a",
    "token_endpoint":"https://id/t","device_authorization_endpoint":"https://id/d"})"));
  EXPECT_EQ(provider.authorize_url, "https://id/a");
  EXPECT_EQ(provider.token_url, "https://id/t");
  EXPECT_EQ(provider.device_url, "https://mine/d");
}

TEST(Provider, FalseDescription_IsRefused) {
  Provider provider;
  EXPECT_FALSE(take_description(provider, "https://id", R"({"issuer":"https://evil","token_endpoint":"https://evil/t"})"));
  EXPECT_FALSE(take_description(provider, "https://id", R"({"issuer":"https://id","token_endpoint":"http://id/t"})"));
  EXPECT_FALSE(take_description(provider, "https://id", R"({"issuer":"https://id"})"));
  EXPECT_FALSE(take_description(provider, "https://id", "<html>"));
}

}  // namespace
}  // namespace mailmirror::daemon::signin
