// The program itself, against a server with a made-up daemon: exit statuses, streams, terminals.
#include "tests/unit/daemon/control_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <utility>

namespace mailmirror::cli {
namespace {

using daemon::control::Json;
using daemon::server::testing::event;
using daemon::server::testing::RunningServer;
using daemon::server::testing::TemporaryDirectory;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Replaces this (forked) process by the program.
[[noreturn]] void become_program(const std::vector<std::string>& words) {
  std::vector<std::string> texts{MAILMIRROR_PROGRAM};
  texts.insert(texts.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (auto& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  ::execv(MAILMIRROR_PROGRAM, argv.data());
  ::_exit(127);
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece{};
  for (auto got = ::read(descriptor, piece.data(), piece.size()); got > 0; got = ::read(descriptor, piece.data(), piece.size()))
    text.append(piece.data(), static_cast<std::size_t>(got));
  return text;
}

/// A run of the program whose output is a pipe. Killed if it is left running.
class Program {
 public:
  explicit Program(const std::vector<std::string>& words) {
    std::array<int, 2> out{}, err{};
    EXPECT_EQ(::pipe2(out.data(), O_CLOEXEC) + ::pipe2(err.data(), O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      become_program(words);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Program() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    wait();
    close_out();
    ::close(err_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string line() {
    std::string text;
    for (char c = 0; ::read(out_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  bool has_output() const {
    pollfd ready{out_, POLLIN, 0};
    return ::poll(&ready, 1, 5) > 0;
  }
  void signal(int number) const { ::kill(pid_, number); }
  void close_out() {
    if (out_ >= 0) ::close(std::exchange(out_, -1));
  }
  std::string out() const { return read_all(out_); }
  std::string err() const { return read_all(err_); }
  /// The exit status; -N for death by signal N.
  int wait() {
    if (pid_ <= 0) return status_;
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  int status_ = -1;
};

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

Outcome run(const std::vector<std::string>& words) {
  Program program(words);
  Outcome done{0, program.out(), program.err()};
  done.status = program.wait();
  return done;
}

struct CliProgram : ::testing::Test {
  [[nodiscard]] std::vector<std::string> with_socket(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--socket", server.socket().string()});
    return words;
  }
  [[nodiscard]] Outcome call(std::vector<std::string> words) const { return run(with_socket(std::move(words))); }

  RunningServer server;
};

TEST_F(CliProgram, Status_InWordsAndInJson) {
  const auto words = call({"status"});
  EXPECT_EQ(words.status, 0) << words.err;
  EXPECT_THAT(words.out, AllOf(StartsWith("mailmirrord 0.1.0"), Not(HasSubstr("\x1b"))));
  const auto json = call({"status", "--json"});
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(Json::parse(json.out).at("version"), "0.1.0");
}

TEST_F(CliProgram, SocketOfTheConfiguration_IsFound) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "config.toml";
  std::ofstream(file) << "[daemon]\nsocket = \"" << server.socket().string() << "\"\n";
  EXPECT_EQ(run({"--config", file.string(), "status"}).status, 0);
}

TEST_F(CliProgram, FailedCommand_Exits1AndSaysWhy) {
  const auto unknown = call({"pause", "nobody"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_EQ(unknown.err, "mailmirror: there is no account 'nobody'\n");
  const auto reload = call({"reload"});
  EXPECT_EQ(reload.status, 1);
  EXPECT_EQ(reload.err, "mailmirror: config.toml:3:1: unknown key 'hots'\n");
  EXPECT_EQ(call({"sync", "nobody", "--wait"}).status, 1);
}

TEST_F(CliProgram, Orders_ReachTheDaemon) {
  EXPECT_EQ(call({"pause", "work"}).out, "paused: work\n");
  EXPECT_EQ(call({"resume"}).out, "resumed: every account\n");
  EXPECT_EQ(call({"sync", "work/INBOX"}).status, 0);
  EXPECT_EQ(call({"approve", "work/Archive"}).out, "approved: 80 messages of work/Archive will be deleted\n");
  EXPECT_EQ(call({"reject", "home"}).out, "rejected: 80 messages of home will come back\n");
  EXPECT_EQ(call({"held"}).out, "nothing is held\n");
  EXPECT_THAT(server.orders(),
              ElementsAre("pause work", "resume all", "start-sync work|INBOX", "approve work|Archive", "reject home|"));
}

TEST_F(CliProgram, SyncAndWait_ExitsAsThePassEnds) {
  server.release();
  const auto good = call({"sync", "work", "--wait"});
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.out, "in sync: nothing to do\n");
  EXPECT_EQ(good.err, "");
  server.on_network([this] { server.daemon().outcome = {false, {"work/INBOX: disk full"}, 1, 0, 0, 0, 0}; });
  const auto bad = call({"--json", "sync", "work", "--wait"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.err, "mailmirror: work/INBOX: disk full\n");
  EXPECT_EQ(Json::parse(bad.out).at("downloaded"), 1);
}

TEST_F(CliProgram, SyncInterrupted_SaysThatItGoesOn) {
  Program program(with_socket({"sync", "--wait"}));
  ASSERT_TRUE(daemon::server::testing::eventually([this] { return !server.orders().empty(); }));
  program.signal(SIGINT);
  EXPECT_EQ(program.err(), "mailmirror: no longer waiting; the daemon goes on with the pass\n");
  EXPECT_EQ(program.wait(), 1);
}

/// The first line of `watch`: events from before its subscription aren't its, so that they are published until one is heard.
std::string first_event(RunningServer& server, Program& watch) {
  while (!watch.has_output()) server.publish(event("held", "work", "INBOX"));
  return watch.line();
}

TEST_F(CliProgram, Stop_WaitsForTheEnd) {
  const auto stopped = call({"stop"});
  EXPECT_EQ(stopped.status, 0) << stopped.err;
  EXPECT_EQ(stopped.out, "stopped\n");
}

TEST_F(CliProgram, WatchUntilTheDaemonEnds_Exits3) {
  Program watch(with_socket({"watch", "--json"}));
  const auto heard = first_event(server, watch);
  EXPECT_EQ(Json::parse(heard).at("type"), "held");
  server.stop();
  EXPECT_THAT(watch.err(), HasSubstr("ended the connection"));
  EXPECT_EQ(watch.wait(), 3);
}

TEST_F(CliProgram, WatchInterrupted_EndsCleanly) {
  Program watch(with_socket({"watch", "--events", "held"}));
  const auto heard = first_event(server, watch);
  EXPECT_THAT(heard, HasSubstr(" work/INBOX  held"));
  watch.signal(SIGINT);
  EXPECT_EQ(watch.wait(), 0);
  EXPECT_EQ(watch.err(), "");
}

TEST_F(CliProgram, ReaderThatHasSeenEnough_IsNoFailure) {
  Program watch(with_socket({"watch"}));
  EXPECT_THAT(first_event(server, watch), HasSubstr("held"));
  watch.close_out();
  for (int n = 0; n < 3; ++n) server.publish(event("held", "work", "INBOX"));
  EXPECT_EQ(watch.wait(), 0);
  EXPECT_EQ(watch.err(), "");
}

TEST_F(CliProgram, UnknownEvent_IsToldByTheDaemon) {
  const auto watch = call({"watch", "--events", "hled"});
  EXPECT_EQ(watch.status, 1);
  EXPECT_THAT(watch.err, HasSubstr("did you mean 'held'?"));
}

/// Output and exit status of the program on a terminal of 60 columns.
std::pair<std::string, int> run_on_terminal(const std::vector<std::string>& words, const char* no_colour) {
  int terminal = -1;
  const winsize size{24, 60, 0, 0};
  const auto pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (pid == 0) {
    ::setenv("TERM", "xterm", 1);
    ::setenv("NO_COLOR", no_colour, 1);
    become_program(words);
  }
  const auto text = read_all(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::close(terminal);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST_F(CliProgram, Terminal_GetsColoursUnlessNoColor) {
  server.on_network([this] {
    daemon::control::AccountStatus work;
    work.name = "work";
    work.state = "idle";
    server.daemon().document.accounts = {work};
  });
  EXPECT_THAT(run_on_terminal(with_socket({"status"}), "").first, HasSubstr("\x1b[32midle"));
  EXPECT_THAT(run_on_terminal(with_socket({"status"}), "1").first, AllOf(HasSubstr("work: idle"), Not(HasSubstr("\x1b"))));
}

TEST_F(CliProgram, Terminal_GetsAProgressBarThatIsClearedAgain) {
  server.release();
  const auto [text, status] = run_on_terminal(with_socket({"sync", "work", "--wait"}), "1");
  EXPECT_EQ(status, 0);
  EXPECT_THAT(text, HasSubstr("work/INBOX [########-------------------------] 1/4  2.0 KiB"));
  EXPECT_THAT(text, HasSubstr("\r\x1b[Kin sync: nothing to do"));
}

TEST(CliProgramAlone, NoDaemon_Exits3AndSaysWhatToDo) {
  const TemporaryDirectory directory;
  const auto socket = (directory.path() / "control.sock").string();
  for (const char* command : {"status", "sync", "watch", "pause", "resume", "held", "reload", "stop"}) {
    const auto done = run({"--socket", socket, command});
    EXPECT_EQ(done.status, 3) << command;
    EXPECT_THAT(done.err, AllOf(HasSubstr(socket), HasSubstr("start it with 'mailmirrord'")));
    EXPECT_EQ(done.out, "");
  }
}

TEST(CliProgramAlone, UsageAndConfiguration_Exit2) {
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"dance"}).status, 2);
  EXPECT_EQ(run({"verify"}).status, 2);
  EXPECT_EQ(run({"--config", "/nowhere/config.toml", "status"}).status, 2);
  EXPECT_EQ(run({"--socket", "/" + std::string(200, 'x'), "status"}).status, 2);
}

TEST(CliProgramAlone, Help_GoesToTheOutput) {
  const auto help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("Usage:"));
  EXPECT_EQ(help.err, "");
}

}  // namespace
}  // namespace mailmirror::cli
