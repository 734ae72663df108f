// One [account.NAME.oauth2] section.
#pragma once

#include "daemon/config/table_reader.hpp"

#include <filesystem>
#include <string>

namespace mailmirror::daemon::config {

/// Mistakes go to the errors; what they concern keeps its default.
OAuth2 read_oauth2(const toml::table& table, const std::string& account, const std::filesystem::path& file,
                   const Environment& environment, ConfigErrors& errors);

}  // namespace mailmirror::daemon::config
