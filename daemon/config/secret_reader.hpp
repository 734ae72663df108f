// Where an account's password or token comes from.
#pragma once

#include "daemon/config/table_reader.hpp"

#include <filesystem>

namespace mailmirror::daemon::config {

/// Reads the keys of `in` that name a source, and [oauth2], into `account`, whose other keys were read before. Exactly one source
/// may be given; what contradicts goes to the errors.
void read_secret(TableReader& in, Account& account, const std::filesystem::path& file, const Environment& environment,
                 ConfigErrors& errors, MissingSecret missing);

}  // namespace mailmirror::daemon::config
