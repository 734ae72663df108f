// What a scenario begins with: a server with an account on it and a device that mirrors it. And the questions that it asks.
#pragma once

#include "tests/support/compare_sides.hpp"
#include "tests/support/device.hpp"
#include "tests/support/dovecot_server.hpp"
#include "tests/support/message_generator.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace mailmirror::testing {

/// What the scenarios are run with.
struct Setting {
  Profile profile = Profile::everything;
  Layout layout = Layout::nested;
  MailFormat format = MailFormat::maildir;
};
std::ostream& operator<<(std::ostream& stream, const Setting& setting);
/// Every profile, and the other layout once.
std::vector<Setting> all_settings();
/// The setting as the end of a test's name.
std::string setting_name(const ::testing::TestParamInfo<Setting>& test);

/// Names that a Maildir can't take as they are, or that tempt a program to do something wrong.
inline constexpr const char* kOddNames[] = {
    "Lists/Deep/Deeper", "Entwürfe",    "台北", "with \"quotes\"", "100% sure", "%41",  "a & b",
    "dots.inside",       "back\\slash", "new",  "tmp/cur",         "-dash",     "a:2,S"};

struct World {
  explicit World(Setting setting = {})
      : server({.profile = setting.profile, .format = setting.format}), device({.port = server.port(), .layout = setting.layout}) {}

  DovecotServer server;
  ImapProbe probe{server.port(), "u1"};
  Device device;
  LocalMaildir maildir = device.maildir();
  MessageGenerator generator{20260101};

  /// Puts `count` messages onto the server. Their UIDs.
  std::vector<std::uint32_t> fill(std::string_view mailbox, int count);
  /// The message's file; it's sought by its bytes. Empty where there is none.
  [[nodiscard]] fs::path file_of(std::string_view mailbox, std::uint32_t uid);
};

/// One pass, exit 0.
::testing::AssertionResult passes(const Device& device, Milliseconds limit = Milliseconds(60'000));
/// A pass that reports a failure (exit 1) in words that match the regular expression, whatever their case.
::testing::AssertionResult fails_saying(const Device& device, const std::string& pattern);
/// Both sides hold the same.
::testing::AssertionResult same_on_both_sides(ImapProbe& probe, const Device& device);
/// As above, waiting for it.
::testing::AssertionResult becomes_same(ImapProbe& probe, const Device& device, Milliseconds limit = Milliseconds(15'000));
/// A pass, then both sides hold the same.
::testing::AssertionResult passes_and_same(World& world);
/// The mailbox holds these messages and no others, each once; `files` with LF.
::testing::AssertionResult holds_exactly(ImapProbe& probe, std::string_view mailbox, std::vector<std::string> files);
/// `text` matches the regular expression somewhere, whatever its case.
bool says(const std::string& text, const std::string& pattern);

/// Every file and directory below, with what a touch would change: inode, size, mtime and ctime.
std::vector<std::string> snapshot(const fs::path& root);
/// What every mailbox of the account tells of itself; any write changes it.
std::vector<std::string> server_snapshot(ImapProbe& probe);
/// Messages that rest in the account's attic.
std::vector<fs::path> attic_files(const Device& device);
ino_t inode_of(const fs::path& path);

}  // namespace mailmirror::testing
