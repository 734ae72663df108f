#include "daemon/setup/user_service.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace mailmirror::daemon::setup {
namespace {

constexpr int kNoProgram = 127;
constexpr const char* kUnit = "mailmirrord.service";

}  // namespace

int run_program(std::vector<std::string> words, bool show_errors) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (!show_errors) posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, argv.front(), &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return kNoProgram;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kNoProgram;
}

ServiceState look_at_user_service() {
  if (run_program({"systemctl", "--user", "show-environment"}) != 0) return ServiceState::no_manager;
  return run_program({"systemctl", "--user", "cat", kUnit}) == 0 ? ServiceState::ready : ServiceState::no_unit;
}

Result<void> start_user_service() {
  if (run_program({"systemctl", "--user", "enable", "--now", kUnit}, true) == 0) return ok();
  return fail(ErrorKind::io, "the service didn't start: 'systemctl --user status mailmirrord' tells why");
}

}  // namespace mailmirror::daemon::setup
