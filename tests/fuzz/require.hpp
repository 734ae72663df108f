// What a fuzz target holds to be true: in every build type, and without a test framework around it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace mailmirror::fuzz {

/// Ends the program where `holds` is false: both libFuzzer and the replay take that for a finding.
inline void require(bool holds, std::string_view words) {
  if (holds) return;
  std::fprintf(stderr, "doesn't hold: %.*s\n", static_cast<int>(words.size()), words.data());
  std::abort();
}

}  // namespace mailmirror::fuzz
