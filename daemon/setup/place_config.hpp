// Putting a new account's configuration where it belongs: checked before, whole or not at all, over nothing that is there.
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/setup/config_text.hpp"
#include "sync/base/environment.hpp"
#include "sync/base/result.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace mailmirror::daemon::setup {

/// The first account makes config.toml; further ones a file in accounts.d beside it.
struct Place {
  std::filesystem::path config_file;
  std::filesystem::path target;
  Part part = Part::whole_file;
};

Place place_for(const std::filesystem::path& config_file, const std::string& account);

/// The accounts that there are. Blocking. Errors (configuration): what is there has mistakes, which have to be mended first.
Result<std::set<std::string>> accounts_in(const std::filesystem::path& config_file, const Environment& environment);

/// Reads the configuration as it will be, through the daemon's own loader, and returns the new account. Blocking; leaves nothing
/// behind. Errors: configuration (as the loader tells them), io.
Result<config::Account> check_text(const Place& place, const std::string& text, const std::string& account,
                                   const Environment& environment);

/// Writes the secret (into `secret_file`, unless that is empty), then the configuration; both 0600, durable on return. Folders are
/// made where they are missing (0700). Blocking. Errors: exists (nothing is overwritten), permission, disk_full, io; then neither
/// is there.
Result<void> put_in_place(const Place& place, const std::string& text, const std::filesystem::path& secret_file,
                          const std::string& secret);

}  // namespace mailmirror::daemon::setup
