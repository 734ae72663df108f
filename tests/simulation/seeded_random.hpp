// Chance that one seed decides: each part of the world draws from a stream of its own, so that a change in one doesn't shift the others.
#pragma once

#include "sync/base/random.hpp"

#include <cstdint>
#include <string_view>

namespace mailmirror::simulation {

/// SplitMix64; the same numbers for the same seed on every machine.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  void fill(std::span<std::byte> bytes) override {
    std::uint64_t word = 0;
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      if (n % 8 == 0) word = next();
      bytes[n] = static_cast<std::byte>(word >> (n % 8 * 8));
    }
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// Uniform in [from, to].
  std::uint64_t between(std::uint64_t from, std::uint64_t to) { return from + next() % (to - from + 1); }
  bool chance(unsigned percent) { return next() % 100 < percent; }

  /// A stream of its own, named by what draws from it.
  [[nodiscard]] SeededRandom fork(std::string_view name) const {
    auto seed = state_;
    for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return SeededRandom(seed);
  }

 private:
  std::uint64_t state_;
};

}  // namespace mailmirror::simulation
