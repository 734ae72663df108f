// SHA-256 of a message's bytes: by it moves, adoption and verification know a message (semantics, "Identity").
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace mailmirror {

/// A value; all zeros means "not known".
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  [[nodiscard]] bool known() const;
  /// 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string to_hex() const;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// Takes bytes as they pass by. One use: after `finish` it is spent.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  [[nodiscard]] Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Digest sha256(std::span<const std::byte> bytes);

}  // namespace mailmirror

template <>
struct std::hash<mailmirror::Digest> {
  std::size_t operator()(const mailmirror::Digest& digest) const noexcept {
    std::size_t head = 0;
    std::memcpy(&head, digest.bytes.data(), sizeof head);
    return head;
  }
};
