#include "imap/auth/mechanism.hpp"

#include "imap/auth/base64.hpp"
#include "imap/auth/scram.hpp"
#include "tests/unit/imap/world.hpp"

#include <gmock/gmock.h>

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
