// How long to wait before a connection is tried again.
#pragma once

#include "sync/base/clock.hpp"
#include "sync/base/random.hpp"

namespace mailmirror::daemon {

/// 1 s, doubling up to 5 min, each shortened by up to a half at random so that many clients don't come back at once.
class Backoff {
 public:
  explicit Backoff(Random& random) : random_(random) {}

  /// The wait after one more failure.
  Duration next() {
    const auto full = length_;
    length_ = std::min(length_ * 2, kLongest);
    const auto half = static_cast<std::uint64_t>(full.count() / 2);
    return full - Duration(static_cast<Duration::rep>(random_.below(half + 1)));
  }

  void reset() { length_ = kShortest; }

 private:
  static constexpr Duration kShortest = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::minutes(5);

  Random& random_;
  Duration length_ = kShortest;
};

}  // namespace mailmirror::daemon
