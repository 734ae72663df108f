#include "daemon/config/secret.hpp"

#include "sync/base/environment.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <utility>

namespace mailmirror::daemon::config {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(100);
constexpr auto kLookAgainSoon = std::chrono::milliseconds(2);
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

enum class Ending : std::uint8_t { exited, too_late };

struct Outcome {
  std::string out;
  std::string err;
  int status = 0;
  Ending ending = Ending::exited;
};

/// One command under way, both of its pipes read side by side.
class Command {
 public:
  Result<void> start(std::string text);
  Outcome finish(std::chrono::milliseconds patience);

 private:
  Ending read_until(std::chrono::steady_clock::time_point end);
  void read_some(pollfd& from, std::string& into);
  bool has_exited();

  Pipe out_;
  Pipe err_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  Outcome outcome_;
};

/// What a command inherits: nothing on stdin, its own process group, and signals as a fresh process has them.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  ~SpawnAttributes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;

  void connect(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  int spawn(pid_t& pid, std::array<char*, 4>& argv) {
    return posix_spawn(&pid, "/bin/sh", &actions_, &attributes_, argv.data(), environ);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

Result<void> Command::start(std::string text) {
  if (out_.ends[0] < 0 || err_.ends[0] < 0) return error_from_errno(errno, "can't run the password command");
  SpawnAttributes attributes;
  attributes.connect(out_.ends[1], STDOUT_FILENO);
  attributes.connect(err_.ends[1], STDERR_FILENO);
  std::string shell = "/bin/sh", flag = "-c";
  std::array<char*, 4> argv{shell.data(), flag.data(), text.data(), nullptr};
  const int failed = attributes.spawn(pid_, argv);
  if (failed != 0) return error_from_errno(failed, "can't run the password command");
  out_.close_end(1);
  err_.close_end(1);
  return ok();
}

Outcome Command::finish(std::chrono::milliseconds patience) {
  outcome_.ending = read_until(std::chrono::steady_clock::now() + patience);
  if (outcome_.ending == Ending::too_late && !reaped_) ::kill(-pid_, SIGKILL);
  while (!reaped_) reaped_ = ::waitpid(pid_, &outcome_.status, 0) >= 0 || errno != EINTR;
  return std::move(outcome_);
}

/// Ends when the shell has and nothing is left to read: an agent that it started may keep the pipes for ever.
Ending Command::read_until(std::chrono::steady_clock::time_point end) {
  std::array<pollfd, 2> pipes{{{out_.ends[0], POLLIN, 0}, {err_.ends[0], POLLIN, 0}}};
  while (true) {
    const auto look_again = pipes[0].fd < 0 && pipes[1].fd < 0 ? kLookAgainSoon : kLookAgain;
    if (look_again == kLookAgainSoon && has_exited()) return Ending::exited;
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return Ending::too_late;
    const auto slice = std::chrono::ceil<std::chrono::milliseconds>(std::min<std::chrono::nanoseconds>(end - now, look_again));
    const int ready = ::poll(pipes.data(), pipes.size(), static_cast<int>(slice.count()));
    if (ready == 0 && has_exited()) return Ending::exited;
    if (ready <= 0) continue;
    read_some(pipes[0], outcome_.out);
    read_some(pipes[1], outcome_.err);
  }
}

void Command::read_some(pollfd& from, std::string& into) {
  if (from.fd < 0 || from.revents == 0) return;
  std::array<char, 4096> piece{};
  const auto got = ::read(from.fd, piece.data(), piece.size());
  if (got > 0 && into.size() < kMostOutput) into.append(piece.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR)) from.fd = -1;
}

bool Command::has_exited() {
  if (!reaped_ && ::waitpid(pid_, &outcome_.status, WNOHANG) == pid_) reaped_ = true;
  return reaped_;
}

Result<std::string> from_command(const std::string& command, std::chrono::milliseconds patience) {
  Command running;
  const auto started = running.start(command);
  MAILMIRROR_TRY(started);
  const auto outcome = running.finish(patience);
  const auto refuse = [&](const std::string& what) {
    const auto told = outcome.err.empty() ? "" : fmt::format(". It says: {}", first_line(outcome.err));
    return fail(ErrorKind::authentication, fmt::format("the command '{}' {}{}", command, what, told));
  };
  if (outcome.ending == Ending::too_late)
    return refuse(fmt::format("gave no password within {} s", std::chrono::ceil<std::chrono::seconds>(patience).count()));
  if (WIFSIGNALED(outcome.status)) return refuse(fmt::format("was ended by signal {}", WTERMSIG(outcome.status)));
  if (WEXITSTATUS(outcome.status) != 0) return refuse(fmt::format("ended with status {}", WEXITSTATUS(outcome.status)));
  auto line = first_line(outcome.out);
  if (line.empty()) return refuse("printed nothing");
  return line;
}

/// `what`: the setting that names it.
Result<std::string> from_file(const std::string& path, std::string_view what) {
  std::ifstream in(path);
  std::string line;
  if (!in) return fail(ErrorKind::authentication, error_from_errno(errno, fmt::format("can't read {} {}", what, path)).message);
  std::getline(in, line);
  line = first_line(line);
  if (line.empty()) return fail(ErrorKind::authentication, fmt::format("{} {} is empty", what, path));
  return line;
}

Result<std::string> from_credential(const std::string& name) {
  const auto directory = Environment::of_process().get("CREDENTIALS_DIRECTORY");
  if (!directory)
    return fail(ErrorKind::authentication,
                fmt::format("the credential '{0}' is missing: no CREDENTIALS_DIRECTORY is set. It works in a systemd service with "
                            "LoadCredential={0}:… or LoadCredentialEncrypted={0}:…",
                            name));
  return from_file(*directory + "/" + name, "the credential");
}

}  // namespace

Result<std::string> obtain_secret(const SecretSource& source, std::chrono::milliseconds patience) {
  switch (source.kind) {
    case SecretSource::Kind::none: return std::string();
    case SecretSource::Kind::password: return source.value;
    case SecretSource::Kind::password_file: return from_file(source.value, "password_file");
    case SecretSource::Kind::credential: return from_credential(source.value);
    case SecretSource::Kind::password_command:
    case SecretSource::Kind::token_command: return from_command(source.value, patience);
    case SecretSource::Kind::oauth2:
    case SecretSource::Kind::prompt: break;
  }
  return fail(ErrorKind::authentication, "this secret isn't had without the user");
}

}  // namespace mailmirror::daemon::config
