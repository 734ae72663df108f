#include "tests/support/pty_process.hpp"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace mailmirror::testing {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

PtyProcess::PtyProcess(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment) {
  // All that the child needs is made before the fork: other threads may be in the middle of an allocation.
  auto arguments = words;
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const char* const path = std::getenv("PATH");
  if (path != nullptr && !environment.contains("PATH")) variables.push_back(std::string("PATH=") + path);
  const auto argv = pointers_to(arguments);
  const auto envp = pointers_to(variables);
  const winsize size{24, 80, 0, 0};
  pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) throw_errno("forkpty");
  if (pid_ == 0) {
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
}

PtyProcess::~PtyProcess() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(terminal_);
}

/// False: the terminal is closed, or nothing came.
bool PtyProcess::read_some(Milliseconds limit) {
  pollfd waiting{terminal_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(std::max<Milliseconds::rep>(0, limit.count()))) <= 0) return false;
  std::array<char, 4096> piece{};
  const auto got = ::read(terminal_, piece.data(), piece.size());
  if (got <= 0) return false;
  screen_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

bool PtyProcess::shows(const std::string& text, Milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto at = screen_.find(text, read_up_to_);
    if (at != std::string::npos) {
      read_up_to_ = at + text.size();
      return true;
    }
    const auto left = std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
    if (!read_some(left)) return false;
  }
}

bool PtyProcess::echoes() const {
  termios state{};
  return ::tcgetattr(terminal_, &state) == 0 && (state.c_lflag & ECHO) != 0;
}

void PtyProcess::type(const std::string& keys) const {
  if (::write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) throw_errno("write to a terminal");
}

std::optional<int> PtyProcess::wait_for_end(Milliseconds limit) {
  eventually(limit, [this] {
    while (read_some(Milliseconds(0))) {
    }
    int status = 0;
    if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
      ended_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return ended_.has_value();
  });
  while (read_some(Milliseconds(0))) {
  }
  return ended_;
}

}  // namespace mailmirror::testing
