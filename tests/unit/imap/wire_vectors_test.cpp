// What eleven other projects test their parsers with: every file parses, but for those named here with the reason.
#include "tests/unit/imap/wire_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace mailmirror::imap::wire {
namespace {

namespace fs = std::filesystem;

enum class Expected { clean, error, incomplete };

struct Exceptions {
  Expected expected;
  std::string project;
  /// Why these files aren't responses that a server may send.
  std::string reason;
  std::vector<std::string> files;
};

const std::vector<Exceptions>& exceptions() {
  static const std::vector<Exceptions> list{
      {Expected::error,
       "emailjs-imap-client",
       "a number written as a literal, which no grammar allows",
       {"0006", "0007", "0008", "0009", "0010", "0011", "0013", "0014", "0023", "0025", "0026"}},
      {Expected::error, "emailjs-imap-client", "one chunk of a response that the test cuts", {"0022", "0024"}},
      {Expected::error, "gluon", "a regular expression that the test matches with", {"0026", "0028", "0030"}},
      {Expected::incomplete, "gluon", "the head of a literal that the test compares by itself", {"0120", "0121"}},
      {Expected::error, "imap-codec", "words of an encoder's test, not responses", {"0013", "0015", "0069", "0100"}},
      {Expected::error, "imap-codec", "VANISHED with a number: its decoder must refuse it too", {"0080", "0081"}},
      {Expected::incomplete, "imap-codec", "the head of a literal whose octets the test sends later", {"0026", "0033", "0034"}},
      {Expected::error, "imap-proto", "the first line of a response that the test cuts", {"0044"}},
      {Expected::error,
       "imapflow",
       "a FETCH without a number, or whose value is no list: input for its tokenizer alone",
       {"0012", "0119", "0120", "0127", "0128", "0129", "0130", "0131", "0132", "0134", "0135", "0136",
        "0137", "0138", "0140", "0141", "0142", "0143", "0144", "0145", "0146", "0150", "0151", "0152",
        "0153", "0154", "0155", "0156", "0157", "0158", "0159", "0160", "0161", "0162", "0178"}},
      {Expected::error, "imapflow", "a literal above its bound", {"0118"}},
      {Expected::error,
       "imapflow",
       "malformed on purpose: a lone bracket, open parentheses, values of a wrong type",
       {"0062", "0092", "0149", "0175", "0183", "0184"}},
      {Expected::error, "imapflow", "literals whose octets the test keeps elsewhere", {"0169", "0176"}},
      {Expected::incomplete, "imapflow", "a connection that ends in the middle of a body", {"0066", "0101", "0171"}},
      {Expected::incomplete, "libetpan", "a body of 4 GiB, of which nothing follows", {"0023"}},
      {Expected::error, "node-imap", "a chunk that ends in the middle of a literal's head or a list", {"0019", "0039", "0040"}},
      {Expected::error,
       "swift-nio-imap",
       "the first line of a response that the test cuts",
       {"0000", "0001", "0052", "0054", "0116"}},
      {Expected::error,
       "swift-nio-imap",
       "pieces of one long BODYSTRUCTURE, cut where its literals stood",
       {"0047", "0048", "0050"}},
  };
  return list;
}

std::map<std::string, Expected> expectations() {
  std::map<std::string, Expected> map;
  for (const auto& exception : exceptions())
    for (const auto& file : exception.files) map.emplace(exception.project + '/' + file + ".resp", exception.expected);
  return map;
}

const fs::path& folder() {
  static const fs::path path = MAILMIRROR_TEST_DATA "/imap-vectors";
  return path;
}

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder()))
    if (entry.path().extension() == ".resp") names.push_back(fs::relative(entry.path(), folder()).string());
  return names;
}

/// Some projects leave out the last line end.
std::string contents(const std::string& name) {
  std::ifstream file(folder() / name, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return bytes.ends_with('\n') ? bytes : bytes + "\r\n";
}

TEST(Vectors, EveryFile_ParsesAsExpected) {
  auto expected = expectations();
  const auto names = files();
  ASSERT_GT(names.size(), 1000U);
  for (const auto& name : names) {
    const auto outcome = parse_at_once(contents(name));
    const auto node = expected.extract(name);
    switch (node ? node.mapped() : Expected::clean) {
      case Expected::clean: EXPECT_TRUE(outcome.error.empty() && !outcome.incomplete) << name << ": " << outcome.error; break;
      case Expected::error: EXPECT_NE(outcome.error, "") << name; break;
      case Expected::incomplete: EXPECT_TRUE(outcome.error.empty() && outcome.incomplete) << name << ": " << outcome.error; break;
    }
  }
  EXPECT_TRUE(expected.empty()) << expected.begin()->first << " isn't there";
}

TEST(Vectors, EveryFile_ParsesTheSameInSingleOctets) {
  for (const auto& name : files()) {
    const auto bytes = contents(name);
    if (bytes.size() > 16 * 1024) continue;
    EXPECT_EQ(parse_by_octets(bytes), parse_at_once(bytes)) << name;
  }
}

}  // namespace
}  // namespace mailmirror::imap::wire
