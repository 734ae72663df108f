// mailmirror: the control client.
#include "cli/interrupt.hpp"
#include "cli/run_command.hpp"
#include "sync/base/task.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

namespace mailmirror::cli {
namespace {

/// `watch` is meant to be interrupted; any other command is cut short.
int interrupted(const Arguments& arguments, const Terminal& terminal) {
  if (arguments.command->name == "watch") return kDone;
  if (arguments.wait == Wait::yes) terminal.err.write("mailmirror: no longer waiting; the daemon goes on with the pass\n");
  return kFailed;
}

int run(const std::vector<std::string>& words) {
  const auto environment = Environment::of_process();
  const Terminal terminal{Stream(STDOUT_FILENO, environment), Stream(STDERR_FILENO, environment)};
  const auto parsed = parse_arguments(words);
  if (const auto* leave = std::get_if<Leave>(&parsed)) {
    (leave->status == kDone ? terminal.out : terminal.err).write(leave->text);
    return leave->status;
  }
  const auto& arguments = std::get<Arguments>(parsed);
  const Interrupt interrupt;
  try {
    return run_command(arguments, terminal, environment, interrupt.descriptor());
  } catch (const boost::system::system_error& error) {
    if (is_cancellation(error)) return interrupted(arguments, terminal);
    throw;
  }
}

/// A reader that has seen enough (`mailmirror watch | head`) is no failure.
int run_guarded(const std::vector<std::string>& words) {
  std::string what;
  try {
    return run(words);
  } catch (const boost::system::system_error& error) {
    if (error.code().value() == EPIPE) return kDone;
    what = error.what();
  } catch (const std::exception& error) {
    what = error.what();
  }
  fmt::print(stderr, "mailmirror: {}\n", what);
  return kFailed;
}

}  // namespace
}  // namespace mailmirror::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return mailmirror::cli::run_guarded(std::vector<std::string>(argv + 1, argv + argc));
}
