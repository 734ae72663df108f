// One machine that mirrors: its configuration, state, Maildir and control socket in a folder, and the two programs run on it.
#pragma once

#include "tests/support/local_maildir.hpp"
#include "tests/support/subprocess.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::testing {

struct AccountConfig {
  std::string name = "work";
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string user = "u1";
  /// Empty: the configuration has none, and `more` tells where it comes from.
  std::string password = "pw";
  std::string tls = "none";
  Layout layout = Layout::nested;
  /// Empty: DEVICE/Mail/NAME.
  fs::path maildir{};
  /// TOML lines, added as they are.
  std::string more{};
};

/// What is done to the daemon from outside, by what is preloaded into it (daemon_shim.cpp).
struct Meddling {
  /// It dies at this step of its work, counted from 1; 0: it lives. The exit code is kDiedAtStep then.
  std::size_t dies_at = 0;
  /// How many times as fast its clock and timers run: pauses by design cost a test less.
  long haste = 1;
  /// Where it notes its steps, a line each: the number and the call. Empty: nowhere.
  fs::path steps{};
};
inline constexpr ExitCode kDiedAtStep = 137;

/// A daemon that runs. Killed at the end of the object, if it still lives.
class MirrorProcess {
 public:
  MirrorProcess(const Command& command, fs::path errors) : process_(command), errors_(std::move(errors)) {}

  [[nodiscard]] Subprocess& process() { return process_; }
  /// What it has written to stderr so far.
  [[nodiscard]] std::string errors() const { return read_file(errors_); }
  /// SIGTERM, then the exit code; throws when it takes longer.
  ExitCode stop(Milliseconds limit = Milliseconds(10'000));
  void kill_now() { process_.kill_now(); }

 private:
  Subprocess process_;
  fs::path errors_;
};

class Device {
 public:
  /// The folder's files are made by the first run.
  explicit Device(AccountConfig account);

  /// Change it, and the next run sees it.
  AccountConfig account;
  /// More TOML, after the account's table ("[account.second]…"), and for the [daemon] table.
  std::string more_tables;
  std::string more_daemon = "log_level = \"debug\"\n";
  /// Runs the daemon as someone else; the folder must be theirs (`give_to`).
  std::optional<UserIds> run_as;
  std::optional<Meddling> meddling;

  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  [[nodiscard]] fs::path config_file() const { return folder() / "config.toml"; }
  [[nodiscard]] fs::path state_folder() const { return folder() / "state"; }
  [[nodiscard]] fs::path socket() const { return folder() / "run/control.sock"; }
  [[nodiscard]] LocalMaildir maildir() const;
  void give_to(UserIds owner) const;
  void write_config() const;

  /// `mailmirrord --once`, to its end.
  [[nodiscard]] RunResult once(Milliseconds limit = Milliseconds(60'000)) const;
  /// `mailmirrord ARGUMENTS`, left running. `start({"--once"})` is a pass that a test can interrupt.
  [[nodiscard]] MirrorProcess start(const std::vector<std::string>& arguments = {}) const;
  /// `start()`, and the control socket answers.
  [[nodiscard]] MirrorProcess start_daemon() const;
  /// `mailmirror ARGUMENTS`.
  [[nodiscard]] RunResult control(const std::vector<std::string>& arguments, Milliseconds limit = Milliseconds(30'000)) const;
  /// `mailmirror ARGUMENTS`, left running, its stdout in `output`, its stderr in folder()/control.err. It finds mailmirrord.
  [[nodiscard]] Subprocess start_control(const std::vector<std::string>& arguments, const fs::path& output, const fs::path& input = {}) const;
  /// `mailmirrord ARGUMENTS`, without the --config of this device, to its end.
  [[nodiscard]] static RunResult daemon(const std::vector<std::string>& arguments);
  /// Where mailmirrord is, for tests that start it their own way.
  [[nodiscard]] static fs::path daemon_path();
  [[nodiscard]] static fs::path control_path();
  /// PATH with mailmirrord's folder first: mailmirror hands commands over to it.
  [[nodiscard]] static std::string path_with_programs();

 private:
  [[nodiscard]] std::string reachable(const std::string& program) const;
  [[nodiscard]] Command daemon_command(const std::vector<std::string>& arguments) const;
  [[nodiscard]] Command control_command(const std::vector<std::string>& arguments) const;

  TempFolder folder_;
};

}  // namespace mailmirror::testing
