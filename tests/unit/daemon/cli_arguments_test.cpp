#include "cli/arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailmirror::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

Arguments good(const Words& words) {
  auto parsed = parse_arguments(words);
  if (const auto* leave = std::get_if<Leave>(&parsed)) ADD_FAILURE() << leave->text;
  return std::holds_alternative<Arguments>(parsed) ? std::get<Arguments>(parsed) : Arguments{};
}

Leave leave(const Words& words) {
  auto parsed = parse_arguments(words);
  EXPECT_TRUE(std::holds_alternative<Leave>(parsed)) << ::testing::PrintToString(words);
  return std::holds_alternative<Leave>(parsed) ? std::get<Leave>(parsed) : Leave{-1, ""};
}

TEST(Arguments, Options_StandBeforeAndAfterTheCommand) {
  for (const auto& words : {Words{"--json", "--socket", "/s", "sync", "--wait", "work", "home/INBOX"},
                            Words{"sync", "work", "--wait", "home/INBOX", "--socket=/s", "--json"}}) {
    const auto arguments = good(words);
    EXPECT_EQ(arguments.command->name, "sync");
    EXPECT_THAT(arguments.operands, ElementsAre("work", "home/INBOX"));
    EXPECT_EQ(arguments.form, Form::json);
    EXPECT_EQ(arguments.wait, Wait::yes);
    EXPECT_EQ(arguments.socket, "/s");
    EXPECT_EQ(arguments.config, std::nullopt);
  }
}

TEST(Arguments, Events_AreCutAtCommas) {
  EXPECT_THAT(good({"watch", "--events", "held,message-added"}).events, ElementsAre("held", "message-added"));
}

TEST(Arguments, Undo_TakesItsOptions) {
  const auto undo = good({"undo", "work", "--pass", "12", "--mailbox", "Lists/a", "--dry-run"}).undo;
  EXPECT_EQ(undo.pass, 12U);
  EXPECT_EQ(undo.mailbox, "Lists/a");
  EXPECT_TRUE(undo.dry_run);
  EXPECT_FALSE(undo.list);
  EXPECT_TRUE(good({"undo", "--list"}).undo.list);
  EXPECT_TRUE(good({"undo", "--since", "2h"}).undo.since);
}

TEST(Arguments, Login_TakesOneWay) {
  EXPECT_EQ(good({"login", "work"}).way, "");
  EXPECT_EQ(good({"login", "--paste", "work"}).way, "paste");
}

TEST(Arguments, DoubleDash_EndsTheOptions) {
  EXPECT_THAT(good({"status", "--", "--odd"}).operands, ElementsAre("--odd"));
}

TEST(Arguments, Import_TakesAProgramAFileAndDryRun) {
  const auto parsed = parse_arguments({"import", "mbsync", "rc", "--dry-run"});
  ASSERT_TRUE(std::holds_alternative<mailmirror::cli::Arguments>(parsed));
  EXPECT_TRUE(std::get<mailmirror::cli::Arguments>(parsed).dry_run);
  EXPECT_THAT(leave({"import"}).text, HasSubstr("needs PROGRAM [FILE]"));
  EXPECT_THAT(leave({"import", "mbsync", "--list"}).text, HasSubstr("'import' takes no --list"));
  EXPECT_THAT(leave({"status", "--dry-run"}).text, HasSubstr("'status' takes no --dry-run"));
}

TEST(Arguments, Help_ExitsCleanly) {
  EXPECT_EQ(leave({"--help"}).status, kDone);
  EXPECT_THAT(leave({"--help"}).text, HasSubstr("Not in this version: verify, restore, export"));
  EXPECT_THAT(leave({"sync", "--help"}).text, HasSubstr("Usage: mailmirror [OPTIONS] sync [ACCOUNT[/MAILBOX]]... [--wait]"));
  EXPECT_EQ(leave({"doctor", "--help"}).status, kDone);
  EXPECT_EQ(leave({"--version"}).text, "mailmirror " MAILMIRROR_VERSION "\n");
}

TEST(Arguments, EveryCommand_HasItsHelp) {
  for (const auto& command : commands()) {
    // mailmirrord's own help, which knows its options.
    if (command.worker == Worker::program_verbatim) continue;
    EXPECT_THAT(leave({std::string(command.name), "--help"}).text, StartsWith("mailmirror " + std::string(command.name) + ": "));
    EXPECT_THAT(help(), HasSubstr(std::string(command.name)));
  }
}

TEST(Arguments, Mistakes_AreUsageAndSayWhatToDo) {
  const std::vector<std::pair<Words, std::string>> mistakes{
      {{}, "Usage: mailmirror"},
      {{"statsu"}, "there is no command 'statsu': did you mean 'status'? 'mailmirror --help' lists the commands\n"},
      {{"status", "--wait"}, "'status' takes no --wait. 'mailmirror status --help' tells its usage\n"},
      {{"sync", "--events", "held"}, "'sync' takes no --events."},
      {{"undo", "--pass", "x2"}, "--pass takes a pass's number, not 'x2'. 'mailmirror undo --list' shows them"},
      {{"undo", "--pass", "2", "--since", "2h"}, "--list, --pass and --since contradict"},
      {{"undo", "--since", "soon"}, "--since takes a time in the past, not 'soon'"},
      {{"log", "--pass", "2"}, "'log' takes no --pass."},
      {{"login"}, "'login' needs ACCOUNT."},
      {{"login", "a", "--device", "--browser"}, "--device and --browser contradict"},
      {{"status", "--device"}, "'status' takes no --device."},
      {{"approve"}, "'approve' needs ACCOUNT[/MAILBOX]."},
      {{"status", "a", "b"}, "'status' doesn't take 'b'."},
      {{"stop", "now"}, "'stop' doesn't take 'now'."},
      {{"verify"}, "'verify' isn't in this version."},
      {{"doctor", "a", "b"}, "'doctor' doesn't take 'b'."},
      {{"--bogus", "status"}, "unrecognised option '--bogus'"},
      {{"--js", "status"}, "unrecognised option '--js'"},
      {{"status", "--socket"}, "the required argument for option '--socket' is missing"},
      {{"--config", "c", "--socket", "s", "status"}, "--config and --socket contradict"}};
  for (const auto& [words, text] : mistakes) {
    const auto left = leave(words);
    EXPECT_EQ(left.status, kUsage) << text;
    EXPECT_THAT(left.text, HasSubstr(text));
  }
}

TEST(Arguments, InitsOptions_AreMailmirrordsToUnderstand) {
  const auto parsed = parse_arguments({"--config", "c.toml", "init", "me@example.org", "--host", "imap.example.org", "--help"});
  const auto& arguments = std::get<Arguments>(parsed);
  EXPECT_EQ(arguments.command->worker, Worker::program_verbatim);
  EXPECT_EQ(arguments.operands,
            (std::vector<std::string>{"me@example.org", "--host", "imap.example.org", "--help", "--config", "c.toml"}));
}

}  // namespace
}  // namespace mailmirror::cli
