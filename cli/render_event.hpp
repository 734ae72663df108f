// Events for people: lines of `watch`, and the bar of `sync --wait`.
#pragma once

#include "cli/look.hpp"
#include "daemon/control/documents.hpp"

#include <string>

namespace mailmirror::cli {

/// One line: local time, where, what.
std::string render_event(const daemon::control::Event& event, const Look& look);

/// A `progress` event as a bar that fits into `width` columns; no newline.
std::string render_progress(const daemon::control::Event& event, std::size_t width);

}  // namespace mailmirror::cli
