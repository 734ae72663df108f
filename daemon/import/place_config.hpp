// New accounts beside an existing configuration: read by our own loader first, then put in place all at once.
#pragma once

#include "daemon/config/load.hpp"
#include "sync/base/environment.hpp"
#include "sync/base/result.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::daemon::migration {

/// An account's section as it will be written.
struct NewAccount {
  std::string name;
  std::string toml;
};

/// The names of the accounts that the configuration has already; none where there is no file. Error configuration: it can't be
/// read as it is, so that nothing can be added to it.
Result<std::set<std::string>> existing_accounts(const std::filesystem::path& config, const Environment& environment);

/// The configuration with these accounts added, as the loader reads it; in what it has to say against it, files are named as they
/// will be. Files are made in a private directory beside it for that, and removed again.
Result<config::Loaded> load_with(const std::filesystem::path& config, const std::vector<NewAccount>& accounts,
                                 const Environment& environment);

/// Where `place_accounts` writes: `config` itself where there is none yet, else one file for each in accounts.d beside it.
std::vector<std::filesystem::path> files_for(const std::filesystem::path& config, const std::vector<NewAccount>& accounts);

/// Writes them (0600, durable, each by a rename that never replaces anything). Error exists: a file of that name is there.
Result<void> place_accounts(const std::filesystem::path& config, const std::vector<NewAccount>& accounts);

}  // namespace mailmirror::daemon::migration
