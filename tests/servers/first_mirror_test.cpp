// The first pass over an account: everything that one side has, the other has afterwards.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::SizeIs;

class FirstMirror : public ::testing::TestWithParam<Setting> {};
INSTANTIATE_TEST_SUITE_P(All, FirstMirror, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(FirstMirror, MessagesOfEveryShape_Arrive) {
  World world(GetParam());
  const std::vector<std::set<std::string>> flags{
      {}, {"\\Seen"}, {"\\Answered", "\\Flagged"}, {"\\Draft", "\\Seen"}, {"$Forwarded", "project-x"}, {"\\Deleted"}};
  std::time_t date = 900'000'000;
  std::size_t number = 0;
  for (const char* mailbox : {"INBOX", "Archive"})
    for (const auto shape : kAllShapes)
      world.probe.append(mailbox, world.generator.wire(shape), flags[number++ % flags.size()], date += 86'399);
  EXPECT_TRUE(passes_and_same(world));
}

TEST_P(FirstMirror, EmptyAccount_HasItsDirectories) {
  World world(GetParam());
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_THAT(world.maildir.mailboxes(), ::testing::IsSupersetOf({"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}));
}

TEST_P(FirstMirror, LocalMessagesAlone_AreUploaded) {
  World world(GetParam());
  std::vector<std::string> files;
  for (const char* mailbox : {"INBOX", "Local/Kept"}) world.maildir.create(mailbox);
  for (const auto shape : kAllShapes) {
    files.push_back(world.generator.file(shape));
    world.maildir.deliver("Local/Kept", files.back(), "FS");
  }
  world.maildir.deliver("INBOX", world.generator.file(Shape::plain));
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_TRUE(holds_exactly(world.probe, "Local/Kept", files));
  EXPECT_THAT(world.probe.subscribed(), ::testing::Contains("Local/Kept"));
}

TEST_P(FirstMirror, SameMessagesOnBothSides_AreAdopted) {
  World world(GetParam());
  world.maildir.create("INBOX");
  std::vector<std::string> files;
  for (int i = 0; i < 20; ++i) {
    files.push_back(world.generator.file(Shape::plain));
    world.probe.append("INBOX", with_crlf(files.back()), {"\\Seen"}, ImapProbe::kSomeDay);
    world.maildir.deliver("INBOX", files.back(), "S", ImapProbe::kSomeDay);
  }
  const auto before = world.maildir.files("INBOX");
  EXPECT_TRUE(passes_and_same(world));
  EXPECT_EQ(world.maildir.files("INBOX"), before);
  EXPECT_TRUE(holds_exactly(world.probe, "INBOX", files));
}

/// A server whose own storage forbids no name.
class FirstMirrorOfNames : public ::testing::TestWithParam<Layout> {};
INSTANTIATE_TEST_SUITE_P(All, FirstMirrorOfNames, ::testing::Values(Layout::nested, Layout::maildir_plus_plus),
                         [](const auto& test) { return test.param == Layout::nested ? "nested" : "maildirpp"; });

TEST_P(FirstMirrorOfNames, MailboxesOfEveryName_GetTheirDirectories) {
  World world({.layout = GetParam(), .format = MailFormat::sdbox});
  for (const char* name : kOddNames) {
    world.probe.create(name);
    world.probe.append(name, world.generator.wire(Shape::plain));
  }
  EXPECT_TRUE(passes_and_same(world));
}

TEST(FirstMirrorOfRealMail, MessagesOfManyPrograms_Arrive) {
  const auto messages = real_messages(1'000);
  if (messages.empty()) GTEST_SKIP() << "tests/data/messages is empty";
  World world;
  for (const auto& message : messages)
    if (message.find('\0') == message.npos) world.probe.append("INBOX", message);
  EXPECT_TRUE(passes_and_same(world));
}

}  // namespace
}  // namespace mailmirror::testing
