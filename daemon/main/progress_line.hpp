// The one line on a terminal that tells how far `--once` is.
#pragma once

#include "sync/account/pass_events.hpp"
#include "sync/base/clock.hpp"

#include <map>
#include <string>

namespace mailmirror::daemon {

/// Writes to stderr where that is a terminal, a few times a second at most; else nothing.
class ProgressLine {
 public:
  explicit ProgressLine(const Clock& clock);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void update(const std::string& account, const sync::PassEvent& progress);
  /// So that another line can be written.
  void clear();

 private:
  void draw();

  const Clock& clock_;
  bool on_terminal_;
  bool drawn_ = false;
  SteadyTime last_{};
  SteadyTime began_;
  std::map<std::string, sync::PassEvent> accounts_;
};

/// One account's part of it.
class AccountProgress final : public sync::PassObserver {
 public:
  AccountProgress(ProgressLine& line, std::string account) : line_(line), account_(std::move(account)) {}
  void on_event(const sync::PassEvent& event) override {
    if (event.kind == sync::PassEvent::Kind::progress) line_.update(account_, event);
  }

 private:
  ProgressLine& line_;
  std::string account_;
};

}  // namespace mailmirror::daemon
