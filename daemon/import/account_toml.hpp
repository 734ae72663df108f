// A draft as the lines of our configuration.
#pragma once

#include "daemon/import/draft.hpp"

#include <string>
#include <string_view>

namespace mailmirror::daemon::migration {

/// "text" with what TOML escapes.
std::string toml_text(std::string_view text);

/// The account's section, commented; `origin` says where it comes from. What has its default is left out.
std::string account_toml(const Draft& draft, const std::string& origin);

}  // namespace mailmirror::daemon::migration
