#include "cli/hand_over.hpp"

#include "sync/base/task.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace mailmirror::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "mailmirrord";

bool can_run(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

std::optional<fs::path> find_program() {
  std::error_code failure;
  const auto self = fs::read_symlink("/proc/self/exe", failure);
  if (!failure && can_run(self.parent_path() / kProgram)) return self.parent_path() / kProgram;
  const char* const path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto end = rest.find(':');
    const fs::path folder = rest.substr(0, end);
    // An empty or relative entry would mean whatever directory the user stands in.
    if (folder.is_absolute() && can_run(folder / kProgram)) return folder / kProgram;
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  return std::nullopt;
}

/// With the signals that a fresh process has: this one holds them back for its Interrupt.
Result<pid_t> start(const fs::path& program, std::vector<std::string> words) {
  words.insert(words.begin(), program.string());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return error_from_errno(failed, fmt::format("can't run {}", program.string()));
  return pid;
}

/// Takes the signals that arrive until the process ends. True: there was one.
bool relay_signals(pid_t pid, int interrupt) {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  std::array<pollfd, 2> waiting{{{process, POLLIN, 0}, {interrupt, POLLIN, 0}}};
  bool interrupted = false;
  while (process >= 0 && waiting[0].revents == 0) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
    signalfd_siginfo signal{};
    if (waiting[1].revents == 0 || ::read(interrupt, &signal, sizeof signal) != sizeof signal) continue;
    interrupted = true;
    if (signal.ssi_signo == SIGTERM) ::kill(pid, SIGTERM);
  }
  if (process >= 0) ::close(process);
  return interrupted;
}

}  // namespace

Result<int> hand_over(const std::vector<std::string>& words, int interrupt) {
  const auto program = find_program();
  if (!program)
    return fail(ErrorKind::missing, "there is no mailmirrord beside mailmirror or in PATH: the two belong together; install both");
  const auto pid = start(*program, words);
  MAILMIRROR_TRY(pid);
  const bool interrupted = relay_signals(*pid, interrupt);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (interrupted) throw boost::system::system_error(asio::error::operation_aborted);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace mailmirror::cli
