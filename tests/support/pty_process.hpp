// A program on a terminal of its own, and somebody who reads and types there.
#pragma once

#include "tests/support/harness.hpp"

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mailmirror::testing {

/// Killed and reaped at the end of the object.
class PtyProcess {
 public:
  /// The terminal has 80 columns and 24 lines. `environment` is all that the program gets, but for PATH.
  PtyProcess(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment);
  ~PtyProcess();
  PtyProcess(const PtyProcess&) = delete;
  PtyProcess& operator=(const PtyProcess&) = delete;

  /// Waits until `text` shows behind all that was expected before. False: it didn't in time, or the program ended.
  bool shows(const std::string& text, Milliseconds limit = Milliseconds(20'000));
  /// As keys: a line with its Enter, or anything ("\x03" is Ctrl-C).
  void type(const std::string& keys) const;
  void type_line(const std::string& line) const { type(line + "\n"); }
  /// As the shell tells it, -N for signal N; nullopt: it still runs after that time.
  std::optional<int> wait_for_end(Milliseconds limit = Milliseconds(20'000));
  /// Whether the terminal shows what is typed.
  [[nodiscard]] bool echoes() const;
  /// All that was ever shown, echo included.
  [[nodiscard]] const std::string& screen() const { return screen_; }

 private:
  bool read_some(Milliseconds limit);

  int terminal_ = -1;
  pid_t pid_ = -1;
  std::optional<int> ended_;
  std::string screen_;
  std::size_t read_up_to_ = 0;
};

}  // namespace mailmirror::testing
