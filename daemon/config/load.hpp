// Reading the configuration: all of its errors at once, each with its place.
#pragma once

#include "daemon/config/config.hpp"
#include "sync/base/environment.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace mailmirror::daemon::config {

struct ConfigError {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the file as a whole
  std::uint32_t column = 0;
  std::string message;

  /// "FILE:LINE:COLUMN: message".
  [[nodiscard]] std::string to_string() const;
};

using ConfigErrors = std::vector<ConfigError>;

/// Either holds a configuration and no errors, or errors.
struct Loaded {
  Config config;
  ConfigErrors errors;

  [[nodiscard]] bool good() const { return errors.empty(); }
};

/// What an account is without a source of a secret: a mistake, or one whose password somebody is there to be asked for.
enum class MissingSecret : std::uint8_t { error, ask };

/// Reads `file` and the accounts.d/*.toml beside it. Blocking. Nothing is thrown but std::bad_alloc.
Loaded load(const std::filesystem::path& file, const Environment& environment, MissingSecret missing = MissingSecret::error);

}  // namespace mailmirror::daemon::config
