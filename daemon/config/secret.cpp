#include "daemon/config/secret.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <utility>

namespace mailmirror::daemon::config {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr std::size_t kMostOutput = 64 * 1024;

std::string first_line(const std::string& text) {
  auto line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// A pipe whose ends close themselves.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t n) {
    if (ends[n] >= 0) ::close(std::exchange(ends[n], -1));
  }
};

struct Outcome {
  std::string out;
  std::string err;
  int status = 0;
  bool in_time = true;
};

/// Reads both pipes until they end or patience does.
bool read_both(Pipe& out, Pipe& err, Outcome& outcome) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::array<pollfd, 2> ready{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
  while (ready[0].fd >= 0 || ready[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    if (::poll(ready.data(), ready.size(), static_cast<int>(left)) < 0 && errno != EINTR) return false;
    for (auto& one : ready) {
      if (one.fd < 0 || one.revents == 0) continue;
      std::array<char, 4096> piece{};
      const auto got = ::read(one.fd, piece.data(), piece.size());
      auto& text = one.fd == out.ends[0] ? outcome.out : outcome.err;
      if (got > 0 && text.size() < kMostOutput) text.append(piece.data(), static_cast<std::size_t>(got));
      if (got <= 0) one.fd = -1;
    }
  }
  return true;
}

Result<Outcome> run(const std::string& command) {
  Pipe out, err;
  if (out.ends[0] < 0 || err.ends[0] < 0) return error_from_errno(errno, "can't run the password command");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
  std::string shell = "/bin/sh", flag = "-c", text = command;
  std::array<char*, 4> argv{shell.data(), flag.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, "/bin/sh", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return error_from_errno(failed, "can't run the password command");
  out.close_end(1);
  err.close_end(1);
  Outcome outcome;
  outcome.in_time = read_both(out, err, outcome);
  if (!outcome.in_time) ::kill(pid, SIGKILL);
  while (::waitpid(pid, &outcome.status, 0) < 0 && errno == EINTR) {
  }
  return outcome;
}

Result<std::string> from_command(const std::string& command) {
  const auto outcome = run(command);
  MAILMIRROR_TRY(outcome);
  const auto told = outcome->err.empty() ? "" : fmt::format(". It says: {}", first_line(outcome->err));
  if (!outcome->in_time)
    return fail(ErrorKind::authentication, fmt::format("the command '{}' gave no password within 60 s{}", command, told));
  if (!WIFEXITED(outcome->status) || WEXITSTATUS(outcome->status) != 0)
    return fail(ErrorKind::authentication,
                fmt::format("the command '{}' ended with status {}{}", command,
                            WIFEXITED(outcome->status) ? WEXITSTATUS(outcome->status) : 128 + WTERMSIG(outcome->status), told));
  auto line = first_line(outcome->out);
  if (line.empty()) return fail(ErrorKind::authentication, fmt::format("the command '{}' printed nothing{}", command, told));
  return line;
}

Result<std::string> from_file(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!in) return fail(ErrorKind::authentication, error_from_errno(errno, fmt::format("can't read password_file {}", path)).message);
  std::getline(in, line);
  line = first_line(line);
  if (line.empty()) return fail(ErrorKind::authentication, fmt::format("password_file {} is empty", path));
  return line;
}

}  // namespace

Result<std::string> obtain_secret(const SecretSource& source) {
  switch (source.kind) {
    case SecretSource::Kind::none: return std::string();
    case SecretSource::Kind::password: return source.value;
    case SecretSource::Kind::password_file: return from_file(source.value);
    case SecretSource::Kind::password_command:
    case SecretSource::Kind::token_command: return from_command(source.value);
  }
  return std::string();
}

}  // namespace mailmirror::daemon::config
