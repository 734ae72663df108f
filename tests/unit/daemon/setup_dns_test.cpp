// DNS answers: captured ones, and such as only an enemy sends.
#include "daemon/setup/dns.hpp"
#include "daemon/setup/dns_answer.hpp"
#include "tests/support/dns_responder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::daemon::setup {
namespace {

using testing::dns_answer;
using testing::dns_name;
using testing::DnsResponder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kTypeMx;
using testing::kTypeSrv;
using testing::mx_data;
using testing::srv_data;

std::span<const unsigned char> octets(const std::string& packet) {
  return {reinterpret_cast<const unsigned char*>(packet.data()), packet.size()};
}

/// As captured: the answer for _imaps._tcp.fastmail.com, its owner's name by a pointer.
const std::string kCaptured(
    "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
    "\x06_imaps\x04_tcp\x08"
    "fastmail\x03"
    "com\x00\x00\x21\x00\x01"
    "\xc0\x0c\x00\x21\x00\x01\x00\x00\x0e\x10\x00\x19"
    "\x00\x00\x00\x01\x03\xe1\x04"
    "imap\x08"
    "fastmail\x03"
    "com\x00",
    12 + 30 + 12 + 25);

TEST(DnsAnswer, CapturedSrv_IsRead) {
  EXPECT_THAT(parse_srv(octets(kCaptured)).value(), ElementsAre(SrvRecord{0, 1, 993, "imap.fastmail.com"}));
}

TEST(DnsAnswer, SeveralSrv_TheBestFirst) {
  const auto packet = dns_answer(
      1, "_imaps._tcp.example.org", kTypeSrv,
      {srv_data(20, 0, 993, "c.example.org"), srv_data(10, 1, 993, "b.example.org"), srv_data(10, 5, 994, "A.example.org")});
  EXPECT_THAT(parse_srv(octets(packet)).value(),
              ElementsAre(SrvRecord{10, 5, 994, "a.example.org"}, SrvRecord{10, 1, 993, "b.example.org"},
                          SrvRecord{20, 0, 993, "c.example.org"}));
}

TEST(DnsAnswer, TargetDot_MeansNotOffered) {
  const auto packet = dns_answer(1, "_imap._tcp.example.org", kTypeSrv, {srv_data(0, 0, 0, "")});
  EXPECT_THAT(parse_srv(octets(packet)).value(), ElementsAre(SrvRecord{0, 0, 0, ""}));
}

TEST(DnsAnswer, Mx_TheMostPreferredFirst) {
  const auto packet = dns_answer(1, "example.org", kTypeMx, {mx_data(20, "b.example.net"), mx_data(10, "a.example.net")});
  EXPECT_THAT(parse_mx(octets(packet)).value(), ElementsAre(MxRecord{10, "a.example.net"}, MxRecord{20, "b.example.net"}));
}

TEST(DnsAnswer, RecordsOfAnotherKind_AreLeftOut) {
  const auto packet = dns_answer(1, "example.org", kTypeMx, {mx_data(10, "a.example.net")});
  EXPECT_THAT(parse_srv(octets(packet)).value(), IsEmpty());
}

TEST(DnsAnswer, NamesThatCantBeHosts_AreLeftOut) {
  for (const auto& label :
       {std::string("a b"), std::string("a/../b"), std::string("\x1b[2J"), std::string("a\0b", 3), std::string("-x")}) {
    const auto target = static_cast<char>(label.size()) + label + std::string("\x03org\0", 5);
    const auto packet = dns_answer(1, "x.org", kTypeSrv, {std::string("\0\0\0\0\x03\xe1", 6) + target});
    const auto records = parse_srv(octets(packet));
    EXPECT_TRUE(!records || records->empty()) << label;
  }
}

TEST(DnsAnswer, PointerToItself_Ends) {
  auto packet = dns_answer(1, "x.org", kTypeSrv, {std::string("\0\0\0\0\x03\xe1", 6) + "\xc0\xff"});
  // The target's pointer points at itself.
  packet.back() = static_cast<char>(packet.size() - 2);
  const auto records = parse_srv(octets(packet));
  EXPECT_TRUE(!records || records->empty());
  auto owner = dns_answer(1, "x.org", kTypeSrv, {srv_data(0, 0, 993, "a.org")});
  // The record's owner is a pointer to itself.
  const auto at = owner.find("\xc0\x0c");
  owner[at + 1] = static_cast<char>(at);
  EXPECT_TRUE(!parse_srv(octets(owner)) || parse_srv(octets(owner))->size() <= 1);
}

TEST(DnsAnswer, CutAnywhere_NeverReadsBeyond) {
  const auto whole = dns_answer(1, "_imaps._tcp.example.org", kTypeSrv,
                                {srv_data(10, 1, 993, "b.example.org"), srv_data(20, 1, 993, "c.example.org")});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // A buffer of just this size, so that a sanitizer sees a step too far.
    const std::vector<unsigned char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(parse_srv(cut)) << length;
    EXPECT_FALSE(parse_mx(cut)) << length;
  }
}

TEST(DnsAnswer, DataShorterThanItsHead_IsLeftOut) {
  const auto packet = dns_answer(1, "x.org", kTypeSrv, {std::string("\0\0\0", 3), "", std::string("\0\0\0\0\x03\xe1", 6)});
  EXPECT_THAT(parse_srv(octets(packet)).value(), IsEmpty());
}

TEST(DnsAnswer, CountsThatLie_AreAnError) {
  auto packet = dns_answer(1, "x.org", kTypeSrv, {srv_data(0, 0, 993, "a.org")});
  packet[6] = '\xff';
  EXPECT_FALSE(parse_srv(octets(packet)));
}

TEST(DnsAnswer, ThousandsOfRecords_AreBounded) {
  const auto packet = dns_answer(1, "x.org", kTypeSrv, std::vector<std::string>(1000, srv_data(0, 0, 993, "a.org")));
  EXPECT_EQ(parse_srv(octets(packet))->size(), 32U);
}

TEST(Dns, ServerOfTheTest_IsAsked) {
  DnsResponder responder;
  responder.add("_imaps._tcp.example.test", kTypeSrv, srv_data(0, 1, 993, "imap.example.test"));
  const auto server = parse_dns_server(responder.address()).value();
  EXPECT_THAT(look_up_srv("_imaps._tcp.example.test", server).value(), ElementsAre(SrvRecord{0, 1, 993, "imap.example.test"}));
  EXPECT_THAT(look_up_mx("example.test", server).value(), IsEmpty());
}

TEST(Dns, ServerAddress_IsReadStrictly) {
  EXPECT_EQ(parse_dns_server("127.0.0.1:5353")->port, 5353);
  EXPECT_EQ(parse_dns_server("127.0.0.1")->port, 53);
  for (const char* bad : {"", "localhost:53", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:5x"})
    EXPECT_FALSE(parse_dns_server(bad)) << bad;
}

}  // namespace
}  // namespace mailmirror::daemon::setup
