// The two output streams of the program.
#pragma once

#include "cli/look.hpp"
#include "sync/base/environment.hpp"

#include <string_view>

namespace mailmirror::cli {

/// One stream. Written at once, so that a reader of a pipe sees each line when it is there.
class Stream {
 public:
  /// Colours where it is a terminal that has them and the user wants them (NO_COLOR, TERM=dumb).
  Stream(int descriptor, const Environment& environment);

  /// Throws system_error with the errno: EPIPE means that the reader went away.
  void write(std::string_view text) const;

  [[nodiscard]] const Look& look() const { return look_; }
  /// Whether a line can be drawn over: a terminal that isn't dumb.
  [[nodiscard]] bool is_live() const { return live_; }

 private:
  int descriptor_;
  Look look_;
  bool live_ = false;
};

struct Terminal {
  Stream out;
  Stream err;
};

}  // namespace mailmirror::cli
