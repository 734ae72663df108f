#include "daemon/main/terminal.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace mailmirror::daemon {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;
constexpr char kInterrupt = 0x03;
constexpr char kEnd = 0x04;
constexpr char kEraseLine = 0x15;
constexpr char kBackspace = 0x08;
constexpr char kDelete = 0x7f;

/// What is typed comes at once, isn't shown, and makes no signals: the terminal is put back in any case.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
  }
  ~Unseen() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  [[nodiscard]] bool works() const { return changed_; }

 private:
  termios before_{};
  bool changed_ = false;
};

Result<std::string> read_unseen() {
  std::string line;
  char c = 0;
  while (true) {
    const auto got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == kInterrupt || (c == kEnd && line.empty())) return fail(ErrorKind::authentication, "no password was given");
    if (c == '\n' || c == '\r') return line;
    if (c == kEraseLine)
      line.clear();
    else if (c != kBackspace && c != kDelete)
      line += c;
    else if (!line.empty())
      line.pop_back();
    if (line.size() > kLongestLine) return fail(ErrorKind::authentication, "that is too long for a password");
  }
}

/// Asio makes descriptors non-blocking, and stdin may be shared with whoever started us.
class FlagsKept {
 public:
  FlagsKept() : flags_(::fcntl(STDIN_FILENO, F_GETFL)) {}
  ~FlagsKept() {
    if (flags_ >= 0) ::fcntl(STDIN_FILENO, F_SETFL, flags_);
  }
  FlagsKept(const FlagsKept&) = delete;
  FlagsKept& operator=(const FlagsKept&) = delete;

 private:
  int flags_;
};

}  // namespace

bool is_on_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

Result<std::string> ask_secretly(const std::string& question) {
  fmt::print(stderr, "{}", question);
  const Unseen unseen;
  if (!unseen.works())
    return fail(ErrorKind::authentication, "\nthe terminal can't hide what is typed: configure a source of the password");
  auto line = read_unseen();
  fmt::print(stderr, "\n");
  if (line && line->empty()) return fail(ErrorKind::authentication, "no password was given");
  return line;
}

Task<Result<std::string>> read_line_of_stdin() {
  const auto over = fail(ErrorKind::io, "nothing more can be read from the standard input");
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const FlagsKept flags;
  asio::posix::stream_descriptor input(executor);
  boost::system::error_code failure;
  input.assign(::dup(STDIN_FILENO), failure);
  // A file can't be waited for, and needn't be.
  const bool waits = !failure;
  std::string line;
  while (line.size() < kLongestLine) {
    std::array<char, 1> piece{};
    std::size_t count = 0;
    if (waits) {
      const auto buffer = asio::buffer(piece);
      const auto [error, got] = co_await input.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
      if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
      count = error ? 0 : got;
    } else {
      const auto got = ::read(STDIN_FILENO, piece.data(), piece.size());
      count = got > 0 ? 1 : 0;
    }
    if (count == 0 && line.empty()) co_return over;
    if (count == 0 || piece[0] == '\n') co_return line;
    if (piece[0] != '\r') line += piece[0];
  }
  co_return over;
}

}  // namespace mailmirror::daemon
