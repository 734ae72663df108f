// A new account as a commented piece of configuration.
#pragma once

#include "daemon/setup/answers.hpp"

#include <string>

namespace mailmirror::daemon::setup {

enum class Part : std::uint8_t {
  whole_file,    ///< the first account: a config.toml
  account_file,  ///< one more: a file for accounts.d
};

std::string config_text(const Answers& answers, Part part);

/// With quotes, as TOML wants it.
std::string toml_string(std::string_view text);

}  // namespace mailmirror::daemon::setup
