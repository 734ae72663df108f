// The order of asking, with sources that a test answers for.
#include "daemon/setup/discover.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <map>

namespace mailmirror::daemon::setup {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string page_naming(const std::string& host) {
  return fmt::format(
      "<clientConfig><emailProvider><incomingServer "
      "type=\"imap\"><hostname>{}</hostname><port>993</port><socketType>SSL</socketType>"
      "<username>%EMAILADDRESS%</username></incomingServer></emailProvider></clientConfig>",
      host);
}

class FakeSources final : public Sources {
 public:
  Task<Result<std::vector<SrvRecord>>> srv(std::string name) override {
    asked.push_back(name);
    if (dns_is_down) co_return fail(ErrorKind::network, "no DNS server answers");
    co_return srvs[name];
  }
  Task<Result<std::vector<MxRecord>>> mx(std::string domain) override {
    asked.push_back("MX " + domain);
    co_return mxs[domain];
  }
  Task<Result<std::string>> page(std::string url) override {
    asked.push_back(url);
    const auto found = pages.find(url);
    if (found == pages.end()) co_return fail(ErrorKind::missing, "there is none (status 404)");
    co_return found->second;
  }

  std::map<std::string, std::vector<SrvRecord>> srvs;
  std::map<std::string, std::vector<MxRecord>> mxs;
  std::map<std::string, std::string> pages;
  std::vector<std::string> asked;
  bool dns_is_down = false;
};

class Discover : public ::testing::Test {
 protected:
  Discovery find(const std::string& address) {
    Discovery found;
    auto task = [](MailAddress whose, Sources& from, Discovery& into) -> Task<void> {
      auto discovery = co_await discover(std::move(whose), from);
      into = std::move(discovery);
    };
    asio::io_context io;
    asio::co_spawn(io, task(parse_address(address).value(), sources, found), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return found;
  }

  FakeSources sources;
};

TEST_F(Discover, KnownProvider_NobodyIsAsked) {
  const auto found = find("me@gmail.com");
  EXPECT_EQ(found.offers.at(0).host, "imap.gmail.com");
  EXPECT_THAT(sources.asked, IsEmpty());
}

TEST_F(Discover, Srv_ComesFirst) {
  sources.srvs["_imaps._tcp.example.org"] = {{0, 1, 993, "imap.example.org"}};
  sources.srvs["_imap._tcp.example.org"] = {{0, 1, 143, "imap.example.org"}};
  const auto found = find("me@example.org");
  ASSERT_THAT(found.offers, SizeIs(2));
  EXPECT_EQ(found.offers[0].tls, config::Tls::implicit);
  EXPECT_EQ(found.offers[0].source, "the DNS record _imaps._tcp.example.org");
  EXPECT_EQ(found.offers[1].tls, config::Tls::starttls);
  EXPECT_THAT(sources.asked, UnorderedElementsAre("_imaps._tcp.example.org", "_imap._tcp.example.org"));
}

TEST_F(Discover, SrvToAKnownServer_TellsHowOneSignsInThere) {
  sources.srvs["_imaps._tcp.example.org"] = {{0, 1, 993, "imap.gmail.com"}};
  EXPECT_EQ(find("me@example.org").offers.at(0).provider, "google");
}

TEST_F(Discover, SrvSaysNotOffered_ThePagesAreAskedInTheirOrder) {
  sources.srvs["_imaps._tcp.example.org"] = {{0, 0, 0, ""}};
  sources.pages["https://example.org/.well-known/autoconfig/mail/config-v1.1.xml"] = page_naming("well-known.example.org");
  sources.pages["https://v1.ispdb.net/example.org"] = page_naming("ispdb.example.org");
  EXPECT_EQ(find("me@example.org").offers.at(0).host, "well-known.example.org");
  sources.pages["https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=me%2Btag%40example.org"] =
      page_naming("own.example.org");
  const auto found = find("me+tag@example.org");
  EXPECT_EQ(found.offers.at(0).host, "own.example.org");
  EXPECT_EQ(found.offers.at(0).source, "https://autoconfig.example.org/mail/config-v1.1.xml");
}

TEST_F(Discover, BrokenPage_IsToldAndTheNextCounts) {
  sources.pages["https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=me%40example.org"] = "<html>";
  sources.pages["https://v1.ispdb.net/example.org"] = page_naming("ispdb.example.org");
  const auto found = find("me@example.org");
  EXPECT_EQ(found.offers.at(0).host, "ispdb.example.org");
  EXPECT_THAT(found.asked, Contains(::testing::Field(&Asked::answer, "the document is no XML")));
}

TEST_F(Discover, ExchangerOfAKnownProvider_IsThatProvider) {
  sources.mxs["example.org"] = {{10, "example-org.mail.protection.outlook.com"}};
  const auto found = find("me@example.org");
  EXPECT_EQ(found.offers.at(0).provider, "microsoft");
  EXPECT_THAT(found.offers.at(0).source, ::testing::HasSubstr("goes to example-org.mail.protection.outlook.com"));
}

TEST_F(Discover, ExchangerOfAStranger_IsAskedWithoutTheAddress) {
  sources.mxs["example.org"] = {{10, "mx1.hoster.example"}};
  sources.pages["https://autoconfig.hoster.example/mail/config-v1.1.xml"] = page_naming("imap.hoster.example");
  EXPECT_EQ(find("me@example.org").offers.at(0).host, "imap.hoster.example");
  for (const auto& asked : sources.asked)
    EXPECT_TRUE(asked.find("me%40") == std::string::npos || asked.starts_with("https://autoconfig.example.org/")) << asked;
}

TEST_F(Discover, NobodyKnows_EachWasAskedAndIsTold) {
  const auto found = find("me@example.org");
  EXPECT_THAT(found.offers, IsEmpty());
  EXPECT_THAT(found.asked, SizeIs(6));
}

TEST_F(Discover, NoDns_ThePagesAreAskedAllTheSame) {
  sources.dns_is_down = true;
  sources.pages["https://v1.ispdb.net/example.org"] = page_naming("ispdb.example.org");
  const auto found = find("me@example.org");
  EXPECT_EQ(found.offers.at(0).host, "ispdb.example.org");
  EXPECT_EQ(found.asked.at(0).answer, "no answer");
}

}  // namespace
}  // namespace mailmirror::daemon::setup
