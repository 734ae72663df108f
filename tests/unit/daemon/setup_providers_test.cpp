// Addresses, and the providers known by heart.
#include "daemon/setup/address.hpp"
#include "daemon/setup/providers.hpp"

#include <gtest/gtest.h>

namespace mailmirror::daemon::setup {
namespace {

std::string host_of(const std::string& address) {
  const auto offer = provider_of_domain(parse_address(address).value());
  return offer ? offer->host : "";
}

TEST(Address, Good_IsTakenApart) {
  const auto address = parse_address("First.Last+tag@Example.ORG").value();
  EXPECT_EQ(address.local, "First.Last+tag");
  EXPECT_EQ(address.domain, "example.org");
}

TEST(Address, Bad_SaysWhy) {
  for (const char* bad : {"", "me", "@example.org", "me@", "a b@example.org", "me@exa mple.org", "me@-x.org", "me@x..org",
                          "a@b@example.org", "me@ex\nample.org", "\"me\"@example.org", "me@bücher.example", "me@example.org/x"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

TEST(Address, BaseDomain_IsTheRegisteredOne) {
  EXPECT_EQ(base_domain("mx1.mail.example.org"), "example.org");
  EXPECT_EQ(base_domain("mx.example.co.uk"), "example.co.uk");
  EXPECT_EQ(base_domain("example.org"), "example.org");
}

TEST(Providers, OwnDomains_AreKnown) {
  EXPECT_EQ(host_of("me@gmail.com"), "imap.gmail.com");
  EXPECT_EQ(host_of("me@outlook.de"), "outlook.office365.com");
  EXPECT_EQ(host_of("me@hotmail.co.uk"), "outlook.office365.com");
  EXPECT_EQ(host_of("me@yahoo.co.uk"), "imap.mail.yahoo.com");
  EXPECT_EQ(host_of("me@fastmail.com"), "imap.fastmail.com");
  EXPECT_EQ(host_of("me@icloud.com"), "imap.mail.me.com");
  EXPECT_EQ(host_of("me@gmx.de"), "imap.gmx.net");
  EXPECT_EQ(host_of("me@web.de"), "imap.web.de");
  EXPECT_EQ(host_of("me@mailbox.org"), "imap.mailbox.org");
  EXPECT_EQ(host_of("me@posteo.net"), "posteo.de");
  EXPECT_EQ(host_of("me@proton.me"), "127.0.0.1");
}

TEST(Providers, DomainsThatOnlyLookAlike_ArentTheirs) {
  for (const char* stranger : {"me@notgmail.com", "me@gmail.com.example.org", "me@yahoo.example.org", "me@live.example",
                               "me@outlook.evil.com", "me@sub.gmail.com"})
    EXPECT_EQ(host_of(stranger), "") << stranger;
}

TEST(Providers, Icloud_LogsInByTheNameAlone) {
  EXPECT_EQ(provider_of_domain(parse_address("me@icloud.com").value())->user, "me");
  EXPECT_EQ(provider_of_exchanger(parse_address("me@example.org").value(), "mx01.mail.icloud.com")->user, "me@example.org");
}

TEST(Providers, Exchanger_TellsWhoHasTheMail) {
  const auto address = parse_address("me@example.org").value();
  EXPECT_EQ(provider_of_exchanger(address, "aspmx.l.google.com")->provider, "google");
  const auto microsoft = provider_of_exchanger(address, "example-org.mail.protection.outlook.com");
  EXPECT_EQ(microsoft->host, "outlook.office365.com");
  EXPECT_FALSE(microsoft->takes_password);
  EXPECT_FALSE(provider_of_exchanger(address, "notgoogle.com"));
  EXPECT_FALSE(provider_of_exchanger(address, "google.com.example.net"));
}

TEST(Providers, ServerFoundOtherwise_GetsWhatIsKnownOfIt) {
  Offer offer{.host = "imap.gmail.com", .user = "me@gmail.com", .source = "DNS"};
  add_what_is_known(offer);
  EXPECT_EQ(offer.provider, "google");
  EXPECT_EQ(offer.source, "DNS");
  Offer other{.host = "imap.example.org", .user = "me", .source = "DNS"};
  const auto before = other;
  add_what_is_known(other);
  EXPECT_EQ(other, before);
}

TEST(Providers, WithoutImap_IsTold) {
  EXPECT_NE(why_no_imap(parse_address("me@tuta.com").value()), "");
  EXPECT_EQ(why_no_imap(parse_address("me@gmail.com").value()), "");
  EXPECT_EQ(host_of("me@tuta.com"), "");
}

}  // namespace
}  // namespace mailmirror::daemon::setup
