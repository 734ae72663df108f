// mailmirrord's command line.
#pragma once

#include "daemon/signin/sign_in.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailmirror::daemon {

struct Options {
  std::optional<std::filesystem::path> config;
  std::vector<std::string> accounts;  ///< empty: all
  bool once = false;
  bool check = false;
  /// "mbsync" or "offlineimap": only take over its configuration, which is in `import_file` (its own default where unset).
  std::optional<std::string> import_from;
  std::optional<std::filesystem::path> import_file;
  bool dry_run = false;
  std::optional<std::string> log_level;
  std::optional<std::string> login;  ///< the account to sign in
  signin::Way way = signin::Way::automatic;
};

/// To print and leave with this status.
struct Leave {
  int status;
  std::string text;
};

std::variant<Options, Leave> parse_options(int argc, const char* const* argv);

}  // namespace mailmirror::daemon
