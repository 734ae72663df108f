// Programs that a test starts, watches and ends.
#pragma once

#include "tests/support/harness.hpp"

#include <sys/types.h>

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace mailmirror::testing {

/// The account that servers run under when the tests run as root.
struct UserIds {
  uid_t user;
  gid_t group;
};

/// `nobody`'s; throws where there is none.
UserIds nobody();

struct Command {
  /// The program's path comes first.
  std::vector<std::string> arguments;
  /// Added to the test's own environment.
  std::map<std::string, std::string> environment{};
  /// Where the two streams go; they may be the same file. Empty: /dev/null.
  fs::path output{};
  fs::path errors{};
  /// What stands on the standard input; empty: /dev/null.
  fs::path input{};
  std::optional<UserIds> run_as{};
  /// Alone: in the test's process group. Leader: in a group of its own, and killing it kills its children too.
  enum class Group { alone, leader } group = Group::alone;
};

/// An exit status as the shell tells it, except that death by signal N is -N.
using ExitCode = int;

/// A child process. Killed and reaped at the end; it also gets SIGTERM when the test program dies. Start it on the main thread.
class Subprocess {
 public:
  explicit Subprocess(const Command& command);
  ~Subprocess();
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() { return !wait_for(Milliseconds(0)); }
  void signal(int number) const;
  /// SIGKILL, for a leader's whole group; returns when it's dead.
  void kill_now();
  /// nullopt: it still runs. May be asked again after the end.
  std::optional<ExitCode> wait_for(Milliseconds limit);
  /// The most memory it held in RAM since its start (VmHWM), in KiB; 0 once it ended.
  [[nodiscard]] long peak_memory_kib() const;

 private:
  pid_t pid_ = -1;
  Command::Group group_ = Command::Group::alone;
  std::optional<ExitCode> ended_{};
};

/// What a finished program left.
struct RunResult {
  ExitCode code = 0;
  std::string out{};
  std::string err{};
};
std::ostream& operator<<(std::ostream& stream, const RunResult& result);

/// Runs a program to its end; throws, after killing it, when the limit passes. Its streams are captured.
RunResult run(Command command, Milliseconds limit = Milliseconds(60'000));

}  // namespace mailmirror::testing
