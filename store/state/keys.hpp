// The keys of the state database: numbers in big-endian order, so that the order of keys is the order of numbers.
#pragma once

#include "store/state/records.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailmirror::store {

/// In the database "meta".
inline constexpr std::string_view kVersionKey = "version";
inline constexpr std::string_view kBindingKey = "binding";
inline constexpr std::string_view kPausedKey = "paused";
inline constexpr std::string_view kDailyTrafficKey = "daily-traffic";
inline constexpr std::string_view kLastMailboxKey = "last-mailbox";
inline constexpr std::string_view kLastPassKey = "last-pass";
inline constexpr std::string_view kLastChangeKey = "last-change";
inline constexpr std::string_view kLastIntentKey = "last-intent";

/// A number of `Size` bytes.
template <std::size_t Size>
class NumberKey {
 public:
  explicit NumberKey(std::uint64_t value) {
    for (auto it = bytes_.rbegin(); it != bytes_.rend(); ++it, value >>= 8) *it = static_cast<char>(value & 0xff);
  }
  [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, Size> bytes_{};
};

inline NumberKey<4> mailbox_key(MailboxId mailbox) {
  return NumberKey<4>(mailbox.value());
}

/// In the database "meta".
inline std::string approved_key(MailboxId mailbox) {
  return "deletions-approved-" + std::string(mailbox_key(mailbox).bytes());
}

/// A mailbox's records lie together, in ascending order of UIDs.
inline NumberKey<8> record_key(MailboxId mailbox, Uid uid) {
  return NumberKey<8>(std::uint64_t{mailbox.value()} << 32 | uid.value());
}

/// In the database "identities". An identity that is longer than any server's, or holds a NUL, isn't indexed ("" then).
inline std::string identity_prefix(const std::string& identity) {
  constexpr std::size_t kLongest = 300;
  const bool usable = !identity.empty() && identity.size() <= kLongest && identity.find('\0') == std::string::npos;
  return usable ? identity + '\0' : std::string();
}
inline std::string identity_key(const std::string& identity, MailboxId mailbox, Uid uid) {
  return identity_prefix(identity).append(record_key(mailbox, uid).bytes());
}

/// The number in at most 8 big-endian bytes; further ones are left out of account.
inline std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace mailmirror::store
