// `mailmirrord --import`: reads another program's configuration, tells what becomes of it, and writes ours.
#pragma once

#include "daemon/import/server_look.hpp"
#include "sync/base/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace mailmirror::daemon::migration {

struct ImportOptions {
  std::string program;  ///< "mbsync" or "offlineimap"
  std::optional<std::filesystem::path> file;
  std::filesystem::path config;
  bool dry_run = false;
};

/// What it says, and the exit status: 0 all accounts were taken over, 1 some weren't, 2 nothing could be read or written.
struct ImportOutcome {
  int status = 0;
  std::string report;
  std::string errors;
};

/// BLOCKS. Touches no mail; with `dry_run` it leaves no file behind at all. `look` is asked what the servers call their mailboxes;
/// where one can't be asked, that is only a note.
ImportOutcome run_import(const ImportOptions& options, const Environment& environment, const LookAtServer& look = look_at_server);

}  // namespace mailmirror::daemon::migration
