// The terminal that the wizard talks on.
#pragma once

#include "sync/base/result.hpp"
#include "sync/base/task.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace mailmirror::daemon::setup {

class Console {
 public:
  /// What is said and asked goes to `out`: stdout, or stderr where a program reads stdout.
  Console(asio::any_io_executor executor, std::FILE* out);

  /// Somebody sits there.
  [[nodiscard]] bool is_interactive() const { return interactive_; }

  /// A line, or several. Words of strangers are made harmless: no escape sequence passes.
  void say(std::string_view text);
  /// A paragraph in lines of at most 78 columns, `indent` spaces before each.
  void say_wrapped(std::string_view text, std::size_t indent = 0);
  /// On stderr.
  void complain(std::string_view text);

  /// A line from stdin, without its end. `echo` false: what is typed stays unseen. Cancellation gives the terminal back as it was.
  /// Errors: missing (the input ended).
  Task<Result<std::string>> ask(std::string prompt, bool echo);

 private:
  asio::posix::stream_descriptor input_;
  std::FILE* out_;
  bool interactive_;
  std::string typed_;
};

/// Without control characters, C1 ones too; line ends stay.
std::string harmless(std::string_view text);

/// In lines of at most `width` columns; `indent` spaces before each but the first.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width, std::size_t first = 0);

}  // namespace mailmirror::daemon::setup
