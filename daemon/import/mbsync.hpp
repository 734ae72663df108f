// From mbsync's configuration to ours: one account for each pair of an IMAPStore and a place in a MaildirStore.
#pragma once

#include "daemon/import/draft.hpp"
#include "sync/base/environment.hpp"

#include <filesystem>
#include <string_view>

namespace mailmirror::daemon::migration {

/// ~/.mbsyncrc, else $XDG_CONFIG_HOME/isyncrc.
std::filesystem::path default_mbsync_file(const Environment& environment);

/// `text` is what `file` holds. BLOCKS where certificates have to be looked at.
Import import_mbsync(std::string_view text, const std::string& file, const Environment& environment);

}  // namespace mailmirror::daemon::migration
