// The command line, understood.
#pragma once

#include "cli/commands.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailmirror::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNoDaemon = 3;

enum class Form : std::uint8_t { words, json };
enum class Wait : std::uint8_t { no, yes };

struct Arguments {
  const Command* command = nullptr;
  std::vector<std::string> operands;  ///< for Worker::program_verbatim all words, options too
  std::optional<std::string> config;
  std::optional<std::string> socket;
  Form form = Form::words;
  Wait wait = Wait::no;
  std::vector<std::string> events;
  std::string way;  ///< of `login`: "device", "browser", "paste"; "": as it fits

  /// Of `undo`.
  struct Undo {
    bool list = false;
    bool dry_run = false;
    std::optional<std::uint64_t> pass;
    std::optional<std::chrono::system_clock::time_point> since;
    std::string mailbox;
  };
  Undo undo;
  /// Of `import`.
  bool dry_run = false;
};

/// Nothing is left to do but to say this: help, or what is wrong with the command line.
struct Leave {
  int status;
  std::string text;
};

/// `words` without the program's name. Options may stand before and after the command.
std::variant<Arguments, Leave> parse_arguments(const std::vector<std::string>& words);

}  // namespace mailmirror::cli
