// How OfflineIMAP connects and logs in, in our words: the remote repository of an account.
#pragma once

#include "daemon/import/draft.hpp"
#include "daemon/import/ini_file.hpp"
#include "sync/base/environment.hpp"

#include <string_view>

namespace mailmirror::daemon::migration {

/// True: "yes", "true", "on", "1", as ConfigParser has it.
bool is_yes(const std::optional<std::string>& value, bool otherwise);

/// `module` is the text of pythonfile. BLOCKS where a certificate has to be looked at.
void take_over_server(const IniSection& remote, const std::string& file, std::string_view module, const Environment& environment,
                      Draft& draft);

}  // namespace mailmirror::daemon::migration
