// How mbsync connects and logs in, in our words: an IMAPAccount, or an IMAPStore that says it all itself.
#pragma once

#include "daemon/import/draft.hpp"
#include "daemon/import/mbsync_file.hpp"
#include "sync/base/environment.hpp"

#include <set>
#include <string>

namespace mailmirror::daemon::migration {

/// Fills in the draft's host, port, user, TLS and secret, with notes and obstacles. BLOCKS where a certificate has to be looked at.
void take_over_connection(const MbsyncSection& section, const std::string& file, const Environment& environment, Draft& draft);

/// The keywords that `take_over_connection` knows.
const std::set<std::string>& connection_keywords();

}  // namespace mailmirror::daemon::migration
