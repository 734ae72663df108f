// The bar of `sync --wait`.
#pragma once

#include "cli/terminal.hpp"
#include "daemon/control/documents.hpp"

namespace mailmirror::cli {

/// Drawn over one line of a terminal; anywhere else it does nothing.
class ProgressBar {
 public:
  explicit ProgressBar(const Stream& stream) : stream_(stream) {}
  /// Whatever ends the command, an interruption too, leaves no half line behind.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Events other than `progress` change nothing.
  void show(const daemon::control::Event& event);
  void clear();

 private:
  const Stream& stream_;
  bool drawn_ = false;
};

}  // namespace mailmirror::cli
