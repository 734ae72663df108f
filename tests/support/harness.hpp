// What every part of the test harness shares: its one exception, a fresh folder, and waiting for something to become true.
//
// The namespace is mailmirror::testing; GoogleTest's own must be written ::testing in here.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace mailmirror::testing {

namespace fs = std::filesystem;
using Milliseconds = std::chrono::milliseconds;

/// The harness itself can't go on (no Dovecot, a socket that fails, an answer it doesn't understand). GoogleTest reports it as a
/// failure of the test.
class HarnessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A HarnessError with errno's words: "WHAT: No such file or directory".
[[noreturn]] void throw_errno(std::string_view what);

/// A new, empty folder that other users may enter; removed with all that it holds, unless MAILMIRROR_KEEP is set.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Asks `condition` again and again until it's true or the limit has passed; the last answer. Costly conditions want longer pauses.
template <class Condition>
bool eventually(Milliseconds limit, Condition condition, Milliseconds pause = Milliseconds(10)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

/// The whole file; throws when it can't be read.
std::string read_file(const fs::path& path);

/// Makes or replaces the file.
void write_file(const fs::path& path, std::string_view content);

}  // namespace mailmirror::testing
