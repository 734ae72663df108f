#include "imap/auth/mechanism.hpp"

#include "imap/auth/base64.hpp"
#include "imap/auth/scram.hpp"
#include "tests/unit/imap/world.hpp"

#include <gmock/gmock.h>

#include <tuple>

namespace mailmirror::imap::auth {
namespace {

using mailmirror::testing::CountingRandom;
using ::testing::HasSubstr;
using namespace std::string_literals;

Credentials somebody() {
  return {"user", "pencil", SecretKind::password, "imap.example.org", 993};
}

// RFC 5802 §5 and RFC 7677 §3: the exchanges in the standards.
constexpr const char* kSha1First = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
constexpr const char* kSha256First = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

TEST(Scram, Sha1ExampleOfTheStandard_GivesTheStandardsAnswers) {
  const auto scram = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_EQ(scram->name(), "SCRAM-SHA-1");
  EXPECT_EQ(scram->initial_response(), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_EQ(scram->respond(kSha1First).value(),
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  EXPECT_EQ(scram->respond("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").value(), "");
  EXPECT_TRUE(scram->finish());
}

TEST(Scram, Sha256ExampleOfTheStandard_GivesTheStandardsAnswers) {
  const auto scram = make_scram(ScramHash::sha_256, somebody(), "rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(scram->respond(kSha256First).value(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_EQ(scram->respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").value(), "");
  EXPECT_TRUE(scram->finish());
}

Binding bound_by(const std::string& type) {
  std::string data;
  for (char byte = 0; byte < 32; ++byte) data += byte;
  return {Binding::Flag::bound, {type, data}};
}

// The standards have no examples of the -PLUS forms: the answers below were computed apart from this program, by Python's hashlib.
TEST(Scram, BoundByTheExporter_PutsTypeAndDataUnderTheProof) {
  const auto scram = make_scram(ScramHash::sha_256, somebody(), "rOprNGfwEbeRWgbNEkqO", bound_by("tls-exporter"));
  EXPECT_EQ(scram->name(), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(scram->initial_response(), "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(scram->respond(kSha256First).value(),
            "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,"
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M=");
  EXPECT_EQ(scram->respond("v=2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs=").value(), "");
  EXPECT_TRUE(scram->finish());
}

TEST(Scram, BoundByTheCertificate_PutsTypeAndDataUnderTheProof) {
  const auto scram = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL", bound_by("tls-server-end-point"));
  EXPECT_EQ(scram->name(), "SCRAM-SHA-1-PLUS");
  EXPECT_EQ(scram->respond(kSha1First).value(),
            "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,"
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=z8dLQJmun2sA+XpCkRPSWO61Enc=");
  EXPECT_EQ(scram->respond("v=if1R+hByy96r9wlpTEFxowaJvkg=").value(), "");
}

TEST(Scram, ServerWithoutBinding_IsToldThatTheClientHasIt) {
  const auto scram = make_scram(ScramHash::sha_256, somebody(), "rOprNGfwEbeRWgbNEkqO", {Binding::Flag::server_cannot, {}});
  EXPECT_EQ(scram->name(), "SCRAM-SHA-256");
  EXPECT_EQ(scram->initial_response(), "y,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(scram->respond(kSha256First).value(),
            "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=FoqiHTtQEDE8lz1CdaEe3tK4mS+iMDTl77SPyDS53DY=");
  EXPECT_EQ(scram->respond("v=dI4KpiQJwBr1+V+K6U1dA6l6I4I9DUNXWND4pcpRU3U=").value(), "");
}

TEST(Scram, RefusalInTheServersWords_DecidesTheRetreat) {
  const std::tuple<std::string, Retreat, std::string> cases[] = {
      {"e=channel-binding-not-supported", Retreat::no_binding, "no channel binding"},
      {"e=unsupported-channel-binding-type", Retreat::other_binding, "type of channel binding"},
      {"e=channel-bindings-dont-match", Retreat::none, "Somebody is in between"},
      {"e=server-does-support-channel-binding", Retreat::none, "meddles"},
      {"e=invalid-proof", Retreat::none, "password is wrong"},
      {"e=unknown-user", Retreat::none, "user"},
      {"e=other-error", Retreat::other_method, "other-error"},
  };
  for (const auto& [challenge, retreat, words] : cases) {
    const auto scram = make_scram(ScramHash::sha_1, somebody(), "abc", bound_by("tls-exporter"));
    EXPECT_THAT(scram->respond(challenge).error().message, HasSubstr(words));
    EXPECT_EQ(scram->retreat(""), retreat) << challenge;
  }
}

TEST(Scram, RefusalAfterTheProof_LeavesNoRetreat) {
  const auto scram = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_EQ(scram->retreat(""), Retreat::other_method);
  ASSERT_TRUE(scram->respond(kSha1First));
  EXPECT_EQ(scram->retreat(""), Retreat::none);
  EXPECT_FALSE(scram->respond("e=other-error"));
  EXPECT_EQ(scram->retreat(""), Retreat::none);
}

TEST(Scram, BindingThatCyrusDoesntKnow_IsNoVerdictOnThePassword) {
  const std::string told = "the server refuses the login: bad protocol / cancel";
  const auto bound = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL", bound_by("tls-exporter"));
  ASSERT_TRUE(bound->respond(kSha1First));
  EXPECT_EQ(bound->retreat(told), Retreat::other_method);
  EXPECT_EQ(bound->retreat("the server refuses the login: authentication failure"), Retreat::none);
  const auto unbound = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL");
  ASSERT_TRUE(unbound->respond(kSha1First));
  EXPECT_EQ(unbound->retreat(told), Retreat::none);
}

TEST(Mechanism, PasswordsAndTokensThatWereShown_LeaveNoRetreat) {
  CountingRandom random;
  for (const auto method : {AuthMethod::plain, AuthMethod::login, AuthMethod::oauthbearer, AuthMethod::xoauth2})
    EXPECT_EQ(make_mechanism(method, somebody(), random)->retreat(""), Retreat::none);
}

TEST(Scram, WrongServerSignature_IsAnImpostor) {
  const auto scram = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL");
  ASSERT_TRUE(scram->respond(kSha1First));
  EXPECT_EQ(scram->respond("v=AAAApqV8S7suAoZWja4dJRkFsKQ=").error().kind, ErrorKind::authentication);
  EXPECT_FALSE(scram->finish());
}

TEST(Scram, ServerThatSkipsItsProof_IsRefused) {
  const auto scram = make_scram(ScramHash::sha_1, somebody(), "fyko+d2lbbFgONRv9qkxdawL");
  ASSERT_TRUE(scram->respond(kSha1First));
  EXPECT_THAT(scram->finish().error().message, HasSubstr("impostor"));
}

TEST(Scram, ChallengesThatMakeNoSense_AreRefused) {
  for (const auto* bad : {"", "r=other,s=QSXCR+Q6sek8bf92,i=4096", "r=abc,s=QSXCR+Q6sek8bf92,i=4096", "r=abcd,s=!!!,i=4096",
                          "r=abcd,s=QSXCR+Q6sek8bf92,i=0", "r=abcd,s=QSXCR+Q6sek8bf92,i=2000000000",
                          "r=abcd,s=QSXCR+Q6sek8bf92,i=9x", "m=ext,r=abcd,s=QSXCR+Q6sek8bf92,i=4096", "r=abcd,i=4096"}) {
    const auto scram = make_scram(ScramHash::sha_1, somebody(), "abc");
    EXPECT_FALSE(scram->respond(bad)) << bad;
  }
}

TEST(Scram, NameWithCommaAndEquals_IsEscaped) {
  Credentials odd = somebody();
  odd.user = "a,b=c";
  EXPECT_EQ(make_scram(ScramHash::sha_1, odd, "n")->initial_response(), "n,,n=a=2Cb=3Dc,r=n");
}

TEST(Mechanism, Plain_SaysAllAtOnce) {
  CountingRandom random;
  const auto plain = make_mechanism(AuthMethod::plain, somebody(), random);
  EXPECT_EQ(plain->name(), "PLAIN");
  EXPECT_EQ(plain->initial_response(), "\0user\0pencil"s);
  EXPECT_FALSE(plain->respond("more?"));
}

TEST(Mechanism, Login_AnswersTwoPromptsAndNoThird) {
  CountingRandom random;
  const auto login = make_mechanism(AuthMethod::login, somebody(), random);
  EXPECT_EQ(login->initial_response(), std::nullopt);
  EXPECT_EQ(login->respond("Username:").value(), "user");
  EXPECT_EQ(login->respond("Password:").value(), "pencil");
  EXPECT_FALSE(login->respond("Shoe size:"));
}

TEST(Mechanism, OauthBearer_FollowsTheStandardAndAcknowledgesARefusal) {
  CountingRandom random;
  Credentials token{"a=b@example.org", "tok", SecretKind::token, "imap.example.org", 993};
  const auto bearer = make_mechanism(AuthMethod::oauthbearer, token, random);
  EXPECT_EQ(bearer->initial_response(),
            "n,a=a=3Db@example.org,\x01host=imap.example.org\x01port=993\x01"
            "auth=Bearer tok\x01\x01");
  EXPECT_EQ(bearer->respond("{\"status\":\"invalid_token\"}").value(), "\x01");
}

TEST(Mechanism, Xoauth2_SaysUserAndToken) {
  CountingRandom random;
  Credentials token{"me@example.org", "tok", SecretKind::token, "h", 1};
  const auto xoauth2 = make_mechanism(AuthMethod::xoauth2, token, random);
  EXPECT_EQ(xoauth2->initial_response(),
            "user=me@example.org\x01"
            "auth=Bearer tok\x01\x01");
  EXPECT_EQ(xoauth2->respond("{}").value(), "");
}

TEST(Base64, KnownAnswers_BothWays) {
  const std::pair<std::string, std::string> known[] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
                                                       {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\0\xff"s, "AP8="}};
  for (const auto& [bytes, text] : known) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, WhatIsNotCanonical_IsRefused) {
  for (const auto* bad : {"Z", "Zg", "Zg=", "Zh==", "Z===", "Zm9v Zm9v", "====", "Zm=v"})
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace mailmirror::imap::auth
