// The command line of `mailmirrord --init ADDRESS …`.
#pragma once

#include "daemon/setup/answers.hpp"

#include <string>
#include <variant>
#include <vector>

namespace mailmirror::daemon::setup {

/// To print and leave with this status.
struct Leave {
  int status;
  std::string text;
};

/// `words` without the program's name and --init.
std::variant<SetupOptions, Leave> parse_setup_options(const std::vector<std::string>& words);

}  // namespace mailmirror::daemon::setup
