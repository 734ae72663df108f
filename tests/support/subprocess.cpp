#include "tests/support/subprocess.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

extern char** environ;

namespace mailmirror::testing {
namespace {

/// All that the child needs is made before the fork: after it only async-signal-safe calls are allowed.
struct Prepared {
  std::vector<char*> arguments;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  int input = -1;
  int output = -1;
  int errors = -1;
};

int open_stream(const fs::path& path, int flags) {
  const std::string name = path.empty() ? "/dev/null" : path.string();
  const int descriptor = ::open(name.c_str(), flags | O_CLOEXEC, 0644);
  if (descriptor < 0) throw_errno("open " + name);
  return descriptor;
}

Prepared prepare(const Command& command) {
  Prepared ready;
  for (const auto& argument : command.arguments) ready.arguments.push_back(const_cast<char*>(argument.c_str()));
  ready.arguments.push_back(nullptr);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!command.environment.contains(text.substr(0, text.find('=')))) ready.environment_text.push_back(text);
  }
  for (const auto& [name, value] : command.environment) ready.environment_text.push_back(name + "=" + value);
  for (auto& text : ready.environment_text) ready.environment.push_back(text.data());
  ready.environment.push_back(nullptr);
  ready.input = open_stream(command.input, O_RDONLY);
  ready.output = open_stream(command.output, O_WRONLY | O_CREAT | O_APPEND);
  ready.errors = open_stream(command.errors, O_WRONLY | O_CREAT | O_APPEND);
  return ready;
}

[[noreturn]] void become(const Command& command, const Prepared& ready, pid_t parent) {
  if (command.group == Command::Group::leader) ::setpgid(0, 0);
  ::dup2(ready.input, 0);
  ::dup2(ready.output, 1);
  ::dup2(ready.errors, 2);
  if (command.run_as) {
    const auto ids = *command.run_as;
    if (::setgroups(0, nullptr) != 0 || ::setgid(ids.group) != 0 || ::setuid(ids.user) != 0) ::_exit(126);
  }
  // After the change of user, which clears it.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(126);
  ::execve(ready.arguments[0], ready.arguments.data(), ready.environment.data());
  ::_exit(127);
}

}  // namespace

UserIds nobody() {
  const passwd* entry = ::getpwnam("nobody");
  if (entry == nullptr) throw HarnessError("there is no user `nobody` to run servers as");
  return {entry->pw_uid, entry->pw_gid};
}

Subprocess::Subprocess(const Command& command) : group_(command.group) {
  const Prepared ready = prepare(command);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) become(command, ready, parent);
  // On both sides of the fork: whoever comes first.
  if (group_ == Command::Group::leader) ::setpgid(pid_, pid_);
  for (const int descriptor : {ready.input, ready.output, ready.errors}) ::close(descriptor);
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), group_(other.group_), ended_(other.ended_) {}

Subprocess::~Subprocess() {
  if (pid_ >= 0) kill_now();
}

void Subprocess::kill_now() {
  if (ended_) return;
  ::kill(group_ == Command::Group::leader ? -pid_ : pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ended_ = -SIGKILL;
}

void Subprocess::signal(int number) const {
  if (!ended_ && ::kill(pid_, number) != 0) throw_errno("kill");
}

std::optional<ExitCode> Subprocess::wait_for(Milliseconds limit) {
  eventually(
      limit,
      [this] {
        if (ended_) return true;
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) ended_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        return ended_.has_value();
      },
      Milliseconds(1));
  return ended_;
}

long Subprocess::peak_memory_kib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

std::ostream& operator<<(std::ostream& stream, const RunResult& result) {
  return stream << "exit " << result.code << "\nstdout: " << result.out << "\nstderr: " << result.err;
}

RunResult run(Command command, Milliseconds limit) {
  const TempFolder folder;
  command.output = folder.path() / "out";
  command.errors = folder.path() / "err";
  // Made here, so that a program under another user can't be refused its own output.
  write_file(command.output, "");
  write_file(command.errors, "");
  Subprocess process(command);
  const auto code = process.wait_for(limit);
  RunResult result{code.value_or(0), read_file(command.output), read_file(command.errors)};
  if (!code) throw HarnessError(command.arguments[0] + " didn't end within its time; it said:\n" + result.out + result.err);
  return result;
}

}  // namespace mailmirror::testing
