// One [account.NAME] section.
#pragma once

#include "daemon/config/table_reader.hpp"

#include <filesystem>
#include <string>

namespace mailmirror::daemon::config {

/// Mistakes go to the errors; what they concern keeps its default.
Account read_account(const toml::table& table, const std::string& name, const std::filesystem::path& file,
                     const Environment& environment, ConfigErrors& errors, MissingSecret missing);

}  // namespace mailmirror::daemon::config
