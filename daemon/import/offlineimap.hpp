// From OfflineIMAP's configuration to ours: one account for each of its accounts.
#pragma once

#include "daemon/import/draft.hpp"
#include "sync/base/environment.hpp"

#include <filesystem>
#include <string_view>

namespace mailmirror::daemon::migration {

/// $XDG_CONFIG_HOME/offlineimap/config, else ~/.offlineimaprc.
std::filesystem::path default_offlineimap_file(const Environment& environment);

/// `text` is what `file` holds. Its Python is read, never run. BLOCKS where pythonfile or certificates have to be looked at.
Import import_offlineimap(std::string_view text, const std::string& file, const Environment& environment);

}  // namespace mailmirror::daemon::migration
