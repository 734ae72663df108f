// A server that says what it mustn't, at each point of a pass: no mail goes, and the next pass puts everything right.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace mailmirror::testing {
namespace {

using ::testing::SizeIs;

struct Word {
  std::string name;
  std::string text;
};
std::ostream& operator<<(std::ostream& stream, const Word& word) {
  return stream << word.name;
}

std::vector<Word> hostile_words() {
  std::string nested(100'000, '(');
  return {
      {"Garbage", std::string("\x01\xfe\x00garbage\r\n", 12)},
      {"EndlessLine", "* OK " + std::string(20'000'000, 'x')},
      {"GiantLiteral", "* LIST () \"/\" {4294967295}\r\n"},
      {"LiteralBeyondNumbers", "* 1 FETCH (BODY[] {99999999999999999999}\r\n"},
      {"DeepNesting", "* 1 FETCH (FLAGS () X " + nested + "\r\n"},
      {"WrongTag", "zzz OK done\r\n"},
      {"Bye", "* BYE go away\r\n"},
      {"ForgedVanished", "* VANISHED (EARLIER) 1:4294967295\r\n"},
      {"ForgedVanishedNow", "* VANISHED 1:4294967295\r\n"},
      {"ForgedExpunges", "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n"},
      {"ForgedExists", "* 4294967295 EXISTS\r\n"},
      {"ForgedNoExists", "* 0 EXISTS\r\n"},
      {"ForgedList", "* LIST (\\NonExistent) \"/\" INBOX\r\n"},
      {"ForgedStatus", "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n"},
      {"ForgedAppenduid", "* OK [APPENDUID 1 1:4294967295] ok\r\n"},
      {"ForgedCopyuid", "* OK [COPYUID 1 1:5 1:5] ok\r\n"},
      {"UnaskedBody", "* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n"},
      {"Continuation", "+ go on\r\n"},
  };
}

class HostileServer : public ::testing::TestWithParam<Word> {};
INSTANTIATE_TEST_SUITE_P(Says, HostileServer, ::testing::ValuesIn(hostile_words()),
                         [](const auto& test) { return test.param.name; });

/// Lines of the server's in a pass with one change each way; the words stand before each of them.
constexpr std::uint64_t kLines = 26;

TEST_P(HostileServer, AtAnyPointOfAPass_TakesNoMail) {
  World world;
  auto uids = world.fill("INBOX", 6);
  TcpProxy proxy(world.server.port());
  world.device.account.port = proxy.port();
  ASSERT_TRUE(passes(world.device));
  std::size_t expected = 6;
  int hits = 0;
  for (std::uint64_t line = 0; line < kLines; line += 2) {
    SCOPED_TRACE("before line " + std::to_string(line));
    world.fill("INBOX", 1);
    world.maildir.deliver("INBOX", world.generator.file(Shape::eight_bit));
    const auto before = world.probe.fetch_all("INBOX").size();
    proxy.inject(line, GetParam().text);
    const auto result = world.device.once();
    EXPECT_TRUE(result.code == 0 || result.code == 1) << result.err;
    hits += proxy.injected() ? 1 : 0;
    EXPECT_GE(world.probe.fetch_all("INBOX").size(), before) << "a message was deleted on the server";
    EXPECT_TRUE(passes_and_same(world)) << result.err;
    expected += 2;
    ASSERT_THAT(world.maildir.files("INBOX"), SizeIs(expected));
    ASSERT_THAT(attic_files(world.device), SizeIs(0)) << "a message was taken away";
  }
  EXPECT_GT(hits, 5) << "the words weren't heard";
}

}  // namespace
}  // namespace mailmirror::testing
