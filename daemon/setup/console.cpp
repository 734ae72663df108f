#include "daemon/setup/console.hpp"

#include <fmt/format.h>

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace mailmirror::daemon::setup {
namespace {

constexpr std::size_t kColumns = 78;
constexpr std::size_t kLongestLine = 8192;

/// Switches the echo off for as long as it lives.
class Unseen {
 public:
  Unseen(bool wanted, std::FILE* out) : out_(out) {
    if (!wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    off_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~Unseen() {
    if (!off_) return;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    // The Enter wasn't shown either.
    std::fputc('\n', out_);
    std::fflush(out_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  std::FILE* out_;
  termios before_{};
  bool off_ = false;
};

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++columns;
  return columns;
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string result;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const auto octet = static_cast<unsigned char>(text[n]);
    const bool c1 = octet == 0xc2 && n + 1 < text.size() && static_cast<unsigned char>(text[n + 1]) < 0xa0;
    if (c1) ++n;
    result += c1 || (octet < ' ' && octet != '\n') || octet == 0x7f ? '?' : text[n];
  }
  return result;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width, std::size_t first) {
  std::string result;
  std::size_t column = first;
  bool fresh = true;
  while (!text.empty()) {
    const auto end = text.find_first_of(" \n");
    const auto word = text.substr(0, end);
    const bool breaks = end != std::string_view::npos && text[end] == '\n';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!fresh && column + 1 + columns_of(word) > width) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
      fresh = true;
    }
    result += (fresh ? "" : " ") + std::string(word);
    column += columns_of(word) + (fresh ? 0 : 1);
    fresh = false;
    if (!breaks) continue;
    result += '\n' + std::string(indent, ' ');
    column = indent;
    fresh = true;
  }
  return result;
}

Console::Console(asio::any_io_executor executor, std::FILE* out)
    : input_(executor), out_(out), interactive_(::isatty(STDIN_FILENO) == 1 && ::isatty(::fileno(out)) == 1) {
  if (interactive_) input_.assign(::dup(STDIN_FILENO));
}

void Console::say(std::string_view text) {
  fmt::print(out_, "{}\n", harmless(text));
  std::fflush(out_);
}

void Console::say_wrapped(std::string_view text, std::size_t indent) {
  say(std::string(indent, ' ') + wrapped(text, indent, kColumns, indent));
}

void Console::complain(std::string_view text) {
  fmt::print(stderr, "{}\n", harmless(text));
}

Task<Result<std::string>> Console::ask(std::string prompt, bool echo) {
  // What was typed ahead is no answer to a question that nobody had read.
  const Unseen unseen(!echo, out_);
  fmt::print(out_, "{} ", harmless(prompt));
  std::fflush(out_);
  while (true) {
    const auto end = typed_.find('\n');
    if (end != std::string::npos) {
      auto line = typed_.substr(0, end);
      typed_.erase(0, end + 1);
      co_return line;
    }
    co_await input_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    std::array<char, 1024> piece{};
    const auto got = ::read(input_.native_handle(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || typed_.size() > kLongestLine) co_return fail(ErrorKind::missing, "the input ended before all was answered");
    typed_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace mailmirror::daemon::setup
