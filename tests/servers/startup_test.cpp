// Before the first connection: arguments, configuration, locks.
#include "tests/servers/world.hpp"

namespace mailmirror::testing {
namespace {

/// Runs `mailmirrord --check` with this account text.
RunResult check(const std::string& more_account, const std::string& more_tables = "") {
  Device device({.port = 143, .more = more_account});
  device.more_tables = more_tables;
  device.write_config();
  return Device::daemon({"--config", device.config_file().string(), "--check"});
}

TEST(Startup, GoodConfiguration_CheckSaysZero) {
  const RunResult result = check("");
  EXPECT_EQ(result.code, 0) << result;
}

TEST(Startup, UnknownKey_TellsPlaceAndTheNearestKey) {
  const RunResult result = check("mailboxs = [\"*\"]\n");
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "config\\.toml:[0-9]+:[0-9]+")) << result;
  EXPECT_TRUE(says(result.err, "mailboxes")) << result;
}

TEST(Startup, SeveralErrors_AllAreTold) {
  const RunResult result = check("guard_messages = \"many\"\nmode = \"sideways\"\n");
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "config\\.toml:[0-9]+:[0-9]+[^\n]*guard_messages|guard_messages[^\n]*config\\.toml:[0-9]+:[0-9]+"))
      << result;
  EXPECT_TRUE(says(result.err, "sideways")) << result;
}

TEST(Startup, BrokenToml_TellsLineAndColumn) {
  const RunResult result = check("", "[account.second\n");
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "config\\.toml:[0-9]+:[0-9]+")) << result;
}

TEST(Startup, BrokenConfiguration_RunsNothing) {
  Device device({.port = 143, .more = "layout_of_things = 1\n"});
  EXPECT_EQ(device.once().code, 2);
  EXPECT_FALSE(fs::exists(device.state_folder() / "work" / "state.mdb"));
}

TEST(Startup, MissingConfiguration_SaysWhichFile) {
  const RunResult result = Device::daemon({"--config", "/nonexistent/mailmirror.toml", "--once"});
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "/nonexistent/mailmirror\\.toml")) << result;
}

TEST(Startup, PasswordThatOthersMayRead_IsRefused) {
  Device device({.port = 143});
  device.write_config();
  fs::permissions(device.config_file(), fs::perms(0644));
  const RunResult result = Device::daemon({"--config", device.config_file().string(), "--check"});
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "chmod|permission|readable")) << result;
}

TEST(Startup, UnknownOption_IsUsage) {
  EXPECT_EQ(Device::daemon({"--sideways"}).code, 2);
}

TEST(Startup, UnknownAccount_IsUsage) {
  Device device({.port = 143});
  device.write_config();
  const RunResult result = Device::daemon({"--config", device.config_file().string(), "--account", "nobody-here", "--once"});
  EXPECT_EQ(result.code, 2) << result;
  EXPECT_TRUE(says(result.err, "nobody-here")) << result;
}

TEST(Startup, VersionAndHelp_SayZero) {
  const RunResult version = Device::daemon({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(says(version.out, "mailmirror.*[0-9]+\\.[0-9]+")) << version;
  EXPECT_EQ(Device::daemon({"--help"}).code, 0);
}

TEST(SecondInstance, OnTheSameAccount_Exits75AndHarmsNothing) {
  World world;
  auto daemon = world.device.start_daemon();
  const RunResult second = world.device.once();
  EXPECT_EQ(second.code, 75) << second;
  EXPECT_TRUE(says(second.err, "work")) << second;
  world.fill("INBOX", 1);
  EXPECT_TRUE(becomes_same(world.probe, world.device)) << daemon.errors();
}

TEST(SecondInstance, AfterAKill_TheLockIsFree) {
  World world;
  auto daemon = world.device.start_daemon();
  daemon.kill_now();
  EXPECT_TRUE(passes(world.device));
}

TEST(TwoAccounts, OneFails_TheOtherIsMirrored) {
  World world;
  world.fill("INBOX", 2);
  world.device.more_tables = "[account.broken]\nhost = \"127.0.0.1\"\nport = " + std::to_string(free_port()) +
                             "\nuser = \"u2\"\npassword = \"pw\"\ntls = \"none\"\nmaildir = \"" +
                             (world.device.folder() / "Mail/broken").string() + "\"\n";
  EXPECT_TRUE(fails_saying(world.device, "broken"));
  EXPECT_TRUE(same_on_both_sides(world.probe, world.device));
}

}  // namespace
}  // namespace mailmirror::testing
