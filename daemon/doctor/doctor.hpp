// `mailmirrord --doctor [ACCOUNT]`: looks at everything that mirroring needs, and says what is wrong and what mends it.
#pragma once

#include "imap/client/options.hpp"
#include "sync/base/environment.hpp"
#include "sync/base/task.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailmirror::daemon::doctor {

struct DoctorOptions {
  std::optional<std::string> account;
  std::optional<std::filesystem::path> config;
  bool json = false;
};

/// To print and leave with this status.
struct Leave {
  int status;
  std::string text;
};

/// `words` without the program's name and --doctor.
std::variant<DoctorOptions, Leave> parse_doctor_options(const std::vector<std::string>& words);

/// Changes nothing, and works beside a running daemon. Returns the exit status: 0 nothing failed (there may be warnings), 1
/// something did, 2 there is no such account.
Task<int> run_doctor(DoctorOptions options, mailmirror::Environment machine, imap::client::Environment environment);

}  // namespace mailmirror::daemon::doctor
