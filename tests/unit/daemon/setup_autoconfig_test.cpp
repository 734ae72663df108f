// config-v1.1.xml: as providers publish it, and as an enemy would.
#include "daemon/setup/autoconfig.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::daemon::setup {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const MailAddress kAddress{"me", "example.org"};

std::string server(const std::string& host, const std::string& port, const std::string& socket,
                   const std::string& more = "<authentication>password-cleartext</authentication>",
                   const std::string& user = "%EMAILADDRESS%") {
  return fmt::format(
      "<incomingServer "
      "type=\"imap\"><hostname>{}</hostname><port>{}</port><socketType>{}</socketType><username>{}</username>{}</incomingServer>",
      host, port, socket, user, more);
}

std::string document(const std::string& servers, const std::string& more = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\"><emailProvider "
         "id=\"x\"><domain>example.org</domain>" +
         servers + "<outgoingServer type=\"smtp\"><hostname>smtp.example.org</hostname></outgoingServer></emailProvider>" + more +
         "</clientConfig>";
}

std::vector<Offer> offers(const std::string& xml) {
  const auto parsed = parse_autoconfig(xml, kAddress, "the test");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : std::vector<Offer>{};
}

TEST(Autoconfig, Server_IsReadWithItsPlaceholders) {
  const auto found = offers(document(server(" IMAP.%EMAILDOMAIN% ", "993", "SSL", "", "%EMAILLOCALPART%")));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0],
            (Offer{.host = "imap.example.org", .port = 993, .tls = config::Tls::implicit, .user = "me", .source = "the test"}));
}

TEST(Autoconfig, ImplicitTls_ComesFirst) {
  const auto found = offers(document(server("a.example.org", "143", "STARTTLS") + server("b.example.org", "993", "SSL")));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].host, "b.example.org");
  EXPECT_EQ(found[1].tls, config::Tls::starttls);
}

TEST(Autoconfig, PlainText_CountsOnThisMachineAlone) {
  EXPECT_THAT(offers(document(server("imap.example.org", "143", "plain"))), IsEmpty());
  EXPECT_THAT(offers(document(server("127.0.0.1", "1143", "plain"))), SizeIs(1));
}

TEST(Autoconfig, Pop3_IsNoImap) {
  EXPECT_THAT(
      offers(document("<incomingServer type=\"pop3\"><hostname>pop.example.org</hostname><port>995</port></incomingServer>")),
      IsEmpty());
}

TEST(Autoconfig, OAuth2_KnowsTheLargeProvidersAndTakesIssuersWithAScope) {
  const std::string methods = "<authentication>OAuth2</authentication><authentication>password-cleartext</authentication>";
  const auto oauth2 = [](const std::string& issuer, const std::string& scope) {
    return fmt::format("<oAuth2><issuer>{}</issuer><scope>{}</scope></oAuth2>", issuer, scope);
  };
  EXPECT_EQ(offers(document(server("imap.gmail.com", "993", "SSL", methods),
                            oauth2("accounts.google.com", "https://mail.google.com/")))[0]
                .provider,
            "google");
  const auto other = offers(document(server("i.example.org", "993", "SSL", "<authentication>OAuth2</authentication>"),
                                     oauth2("id.example.org", "mail offline_access")));
  EXPECT_EQ(other[0].issuer, "https://id.example.org");
  EXPECT_EQ(other[0].scopes, "mail offline_access");
  EXPECT_FALSE(other[0].takes_password);
  EXPECT_EQ(offers(document(server("i.example.org", "993", "SSL", methods), oauth2("evil/../x", "mail")))[0].issuer, "");
}

TEST(Autoconfig, HostsPortsAndUsersThatCantBe_AreLeftOut) {
  for (const char* host : {"", "imap.example.org/x", "imap example", "a@b", "&#27;[2J", "imap.example.org:993", "%EMAILHOST%"})
    EXPECT_THAT(offers(document(server(host, "993", "SSL"))), IsEmpty()) << host;
  for (const char* port : {"", "0", "65536", "-1", "99999999999999999999", "993x"})
    EXPECT_THAT(offers(document(server("imap.example.org", port, "SSL"))), IsEmpty()) << port;
  for (const auto& user : {std::string(), std::string("a&#10;b"), std::string("%NOBODY%"), std::string(400, 'x')})
    EXPECT_THAT(offers(document(server("imap.example.org", "993", "SSL", "", user))), IsEmpty()) << user;
}

TEST(Autoconfig, ManyServers_AreBounded) {
  std::string many;
  for (int n = 0; n < 50; ++n) many += server("imap.example.org", "993", "SSL");
  EXPECT_THAT(offers(document(many)), SizeIs(8));
}

TEST(Autoconfig, NestedWithoutEnd_IsRefusedBeforeItIsParsed) {
  std::string deep;
  for (int n = 0; n < 20'000; ++n) deep += "<a>";
  const auto parsed = parse_autoconfig(deep, kAddress, "");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, ::testing::HasSubstr("too many elements"));
}

TEST(Autoconfig, DeepestThatIsParsed_HasStackEnough) {
  std::string deep = "<clientConfig>";
  for (int n = 0; n < 990; ++n) deep += "<a>";
  for (int n = 0; n < 990; ++n) deep += "</a>";
  EXPECT_THAT(offers(deep + "</clientConfig>"), IsEmpty());
}

TEST(Autoconfig, TooLong_IsRefused) {
  EXPECT_FALSE(
      parse_autoconfig(document(server("imap.example.org", "993", "SSL")) + std::string(kLongestAutoconfig, ' '), kAddress, ""));
}

TEST(Autoconfig, Entities_AreRefused) {
  const std::string laughs =
      "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 "
      "\"&lol;&lol;&lol;\">]><clientConfig>&lol2;</clientConfig>";
  const auto parsed = parse_autoconfig(laughs, kAddress, "");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, ::testing::HasSubstr("definitions of its own"));
}

TEST(Autoconfig, WhatIsNoDocument_IsAnError) {
  for (const char* text : {"", "<", "<html><body>404</body></html>", "{\"a\": 1}", "<clientConfig><a></clientConfig>", "<!--",
                           "<clientConfig a=", "\xff\xfe<\0"})
    EXPECT_FALSE(parse_autoconfig(text, kAddress, "")) << text;
}

TEST(Autoconfig, CutAnywhere_IsAnErrorOrLess) {
  const auto whole = document(server("imap.example.org", "993", "SSL"));
  for (std::size_t length = 0; length < whole.size(); ++length) (void)parse_autoconfig(whole.substr(0, length), kAddress, "");
}

}  // namespace
}  // namespace mailmirror::daemon::setup
