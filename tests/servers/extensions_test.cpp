// Every extension that Dovecot has, switched off by the user, and all of them at once: the mirror works without each.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

#include <map>

namespace mailmirror::testing {
namespace {

using ::testing::SizeIs;

const std::vector<std::string> kExtensions{"IDLE",        "NOTIFY",        "CONDSTORE",   "QRESYNC",   "UIDPLUS", "MOVE",    "ENABLE",
                                           "LITERAL+",    "SASL-IR",       "ID",          "NAMESPACE", "ESEARCH", "UNSELECT", "SPECIAL-USE",
                                           "LIST-STATUS", "LIST-EXTENDED", "MULTIAPPEND", "STATUS=SIZE"};

std::string without(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "\"" : ", \"") + name + '"';
  return "disable_extensions = [" + list + "]\n";
}

/// What a client says only where it uses the extension.
std::vector<std::string> words_of(const std::string& extension) {
  static const std::map<std::string, std::vector<std::string>> words{
      {"LITERAL+", {"+}\r\n"}},         {"ENABLE", {" ENABLE "}},          {"UIDPLUS", {"UID EXPUNGE"}},
      {"QRESYNC", {"QRESYNC"}},          {"ID", {" ID ("}},                 {"NAMESPACE", {" NAMESPACE\r\n"}},
      {"UNSELECT", {"UNSELECT"}},        {"LIST-STATUS", {"RETURN (SPECIAL-USE STATUS", "RETURN (STATUS"}},
      {"ESEARCH", {"RETURN (ALL)"}},     {"CONDSTORE", {"CONDSTORE", "CHANGEDSINCE", "HIGHESTMODSEQ"}},
      {"MULTIAPPEND", {"+} (", "+} \""}}, {"MOVE", {"UID MOVE"}}};
  const auto found = words.find(extension);
  return found == words.end() ? std::vector<std::string>{} : found->second;
}

struct Disabled {
  std::string name;
  std::vector<std::string> extensions;
};
std::ostream& operator<<(std::ostream& stream, const Disabled& disabled) {
  return stream << disabled.name;
}

std::vector<Disabled> each_and_all() {
  std::vector<Disabled> cases;
  for (const auto& name : kExtensions) {
    auto word = name;
    std::replace_if(word.begin(), word.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    cases.push_back({word, {name}});
  }
  cases.push_back({"Everything", kExtensions});
  return cases;
}

class WithoutExtension : public ::testing::TestWithParam<Disabled> {};
INSTANTIATE_TEST_SUITE_P(Each, WithoutExtension, ::testing::ValuesIn(each_and_all()), [](const auto& test) { return test.param.name; });

TEST_P(WithoutExtension, ChangesBothWays_ArriveAndTheWordIsNeverUsed) {
  World world;
  TcpProxy proxy(world.server.port());
  proxy.record();
  world.device.account.port = proxy.port();
  world.device.account.more = without(GetParam().extensions);
  auto uids = world.fill("INBOX", 5);
  world.probe.create("Lists/Deep");
  world.fill("Lists/Deep", 2);
  ASSERT_TRUE(passes_and_same(world));

  world.fill("INBOX", 1);
  world.probe.add_flags("INBOX", uids[0], "\\Seen \\Flagged");
  world.probe.expunge("INBOX", uids[1]);
  set_letters(world.file_of("INBOX", uids[2]), "R");
  std::filesystem::remove(world.file_of("INBOX", uids[3]));
  for (int n = 0; n < 3; ++n) world.maildir.deliver("INBOX", world.generator.file(Shape::eight_bit));
  world.maildir.create("Fresh");
  world.maildir.deliver("Fresh", world.generator.file(Shape::eight_bit));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(5 + 1 - 2 + 3));

  const auto spoken = proxy.spoken();
  for (const auto& name : GetParam().extensions)
    for (const auto& word : words_of(name)) EXPECT_EQ(spoken.find(word), std::string::npos) << name << " was used: " << word;
}

}  // namespace
}  // namespace mailmirror::testing
