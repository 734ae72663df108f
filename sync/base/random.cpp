#include "sync/base/random.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace mailmirror {

std::uint64_t Random::number() {
  std::uint64_t value = 0;
  fill(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  // 128 bits of product make the bias negligible without a rejection loop.
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(number()) * bound) >> 64);
}

std::string Random::hex(std::size_t digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  while (text.size() < digits)
    for (auto bits = number(), n = std::uint64_t{0}; n < 16 && text.size() < digits; ++n, bits >>= 4) text += kDigits[bits & 15];
  return text;
}

void SecureRandom::fill(std::span<std::byte> bytes) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("OpenSSL's random generator failed");
}

}  // namespace mailmirror
