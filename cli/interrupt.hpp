// Ctrl-C as something to wait for.
#pragma once

namespace mailmirror::cli {

/// From its making on SIGINT, SIGTERM and SIGHUP no longer end the process: they make `descriptor` readable.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// -1 where it can't be had: the signals then end the process as usual.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace mailmirror::cli
