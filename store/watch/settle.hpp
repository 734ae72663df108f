// The gathering rule (semantics, "Live"): changes come in bursts, and one pass after the burst does for all of it.
#pragma once

#include "sync/base/clock.hpp"

#include <algorithm>
#include <optional>

namespace mailmirror::store {

/// A value that is told when something happened and says when to act: once nothing more has happened for `quiet`, but at most
/// `most` after the first. It has no clock of its own.
class Settle {
 public:
  struct Times {
    Duration quiet = std::chrono::milliseconds(200);
    Duration most = std::chrono::seconds(2);
  };

  Settle() = default;
  explicit Settle(Times times) : times_(times) {}

  void happened(SteadyTime now) {
    if (!first_) first_ = now;
    last_ = now;
  }

  /// When to act; nullopt: nothing is waiting.
  [[nodiscard]] std::optional<SteadyTime> due() const {
    if (!first_) return std::nullopt;
    return std::min(last_ + times_.quiet, *first_ + times_.most);
  }

  /// True once for each burst: what was gathered until `now` is the caller's to act on.
  [[nodiscard]] bool take(SteadyTime now) {
    const auto when = due();
    if (!when || now < *when) return false;
    first_.reset();
    return true;
  }

  /// The same before its time, if anything was gathered.
  [[nodiscard]] bool take_early() {
    const bool waiting = first_.has_value();
    first_.reset();
    return waiting;
  }

 private:
  Times times_;
  std::optional<SteadyTime> first_;
  SteadyTime last_;
};

}  // namespace mailmirror::store
