// The seam for chance: unique names, jitter, nonces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace mailmirror {

/// May be called from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;

  std::uint64_t number();
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// `digits` lower-case hexadecimal digits.
  std::string hex(std::size_t digits);
};

/// OpenSSL's generator.
class SecureRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override;
};

}  // namespace mailmirror
