// The findings for people and for programs.
#pragma once

#include "daemon/doctor/finding.hpp"

#include <string>

namespace mailmirror::daemon::doctor {

enum class Colour : std::uint8_t { no, yes };

/// At most 80 columns wide, but for words that are longer; account by account, a summary at the end.
std::string render(const Findings& findings, Colour colour);

/// {"ok": …, "findings": [{"account", "check", "state", "message", "remedy"}]}; `account` and `remedy` are null where there is
/// none.
std::string render_json(const Findings& findings);

/// Whether nothing failed; warnings may stand.
bool is_well(const Findings& findings);

}  // namespace mailmirror::daemon::doctor
