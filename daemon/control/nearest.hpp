// The nearest known word to one that isn't: for "did you mean".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::daemon::control {

/// By edit distance; nullopt where none is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace mailmirror::daemon::control
