// The commands that there are: names, arguments, help.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::cli {

/// An option that only some commands take.
enum class Extra : std::uint8_t { none, wait, events, undo, way, take_over };

/// Who carries a command out.
enum class Worker : std::uint8_t {
  daemon,           ///< the one that runs, over its socket
  program,          ///< mailmirrord, started on this terminal (cli/hand_over.hpp)
  program_verbatim, ///< the same, and it understands all that stands behind the command
};

enum class Availability : std::uint8_t { now, later };

struct Command {
  std::string_view name;
  std::string_view operands;
  std::string_view summary;
  std::size_t least_operands = 0;
  std::size_t most_operands = 0;
  Extra extra = Extra::none;
  Availability availability = Availability::now;
  /// More than the summary; may be empty.
  std::string_view details{};
  Worker worker = Worker::daemon;
};

const std::vector<Command>& commands();
/// nullptr: there is none of that name.
const Command* find_command(std::string_view name);

/// `mailmirror --help`.
std::string help();
/// `mailmirror COMMAND --help`.
std::string help(const Command& command);

}  // namespace mailmirror::cli
