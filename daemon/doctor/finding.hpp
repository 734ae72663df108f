// One thing that was looked at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::daemon::doctor {

enum class State : std::uint8_t {
  ok,
  warn,  ///< mirroring works, but not as well or as safely as it could
  fail,  ///< it doesn't work
};

struct Finding {
  std::string account;  ///< "": of the whole
  std::string check;    ///< a word or two: "clock", "login"
  State state = State::ok;
  std::string message;
  std::string remedy{};  ///< what to do; "" where all is well

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

/// "ok", "warn", "fail".
std::string to_string(State state);

}  // namespace mailmirror::daemon::doctor
