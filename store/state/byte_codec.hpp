// How numbers, texts and the field's values stand as bytes in the state database. For this folder only.
#pragma once

#include "store/stamps.hpp"
#include "store/state/codec.hpp"
#include "sync/base/digest.hpp"
#include "sync/base/error.hpp"
#include "sync/base/flags.hpp"
#include "sync/base/uid_set.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace mailmirror::store {

inline constexpr std::uint64_t kLongestString = 64 * 1024;
inline constexpr std::uint64_t kMostKeywords = 4096;
/// Of a record or a change: most are written without growing.
inline constexpr std::size_t kUsualSize = 256;

/// Numbers are LEB128, strings have their length in front, times are seconds.
class Writer {
 public:
  Writer() { out_.reserve(kUsualSize); }
  Writer& number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(0x80 | (value & 0x7f));
    out_ += static_cast<char>(value);
    return *this;
  }
  Writer& text(std::string_view value) {
    if (value.size() > kLongestString)
      throw ErrorException(Error(ErrorKind::protocol, "a text of more than 64 KiB can't be kept in the state database"));
    number(value.size());
    out_ += value;
    return *this;
  }
  Writer& digest(const Digest& value) {
    out_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
    return *this;
  }
  /// Times before 1970 exist in mail: zigzag.
  Writer& time(std::chrono::sys_seconds value) {
    const auto n = value.time_since_epoch().count();
    return number((static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63));
  }
  Writer& flags(const FlagSet& value) {
    if (value.keywords().size() > kMostKeywords)
      throw ErrorException(Error(ErrorKind::protocol, "more than 4096 keywords of a message can't be kept in the state database"));
    number(value.bits()).number(value.keywords().size());
    for (const auto& keyword : value.keywords()) text(keyword);
    return *this;
  }
  Writer& uids(const UidSet& value) {
    number(value.ranges().size());
    for (const auto& range : value.ranges()) number(range.first.value()).number(range.last.value());
    return *this;
  }
  Writer& stamp(const DirectoryStamp& value) {
    return number(value.inode).number(value.mtime_ns).number(value.ctime_ns).number(value.birth_ns);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what a Writer wrote; throws DamagedValue on everything else.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(take(1)[0]);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    throw DamagedValue{};
  }
  std::uint32_t number32() {
    const auto value = number();
    if (value > 0xffffffff) throw DamagedValue{};
    return static_cast<std::uint32_t>(value);
  }
  std::uint8_t number8() {
    const auto value = number();
    if (value > 0xff) throw DamagedValue{};
    return static_cast<std::uint8_t>(value);
  }
  template <class Enum>
  Enum choice(Enum last) {
    const auto value = number();
    if (value > static_cast<std::uint64_t>(last)) throw DamagedValue{};
    return static_cast<Enum>(value);
  }
  std::string text() {
    const auto length = number();
    if (length > kLongestString) throw DamagedValue{};
    return std::string(take(length));
  }
  Digest digest() {
    Digest value;
    const auto raw = take(value.bytes.size());
    std::memcpy(value.bytes.data(), raw.data(), raw.size());
    return value;
  }
  std::chrono::sys_seconds time() {
    const auto zigzag = number();
    const auto n = static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1);
    return std::chrono::sys_seconds(std::chrono::seconds(n));
  }
  FlagSet flags() {
    auto value = FlagSet::from_bits(number8());
    const auto keywords = number();
    if (keywords > kMostKeywords) throw DamagedValue{};
    for (std::uint64_t n = 0; n < keywords; ++n) value.insert_keyword(text());
    return value;
  }
  UidSet uids() {
    UidSet value;
    // Each takes two bytes at least: a count that lies ends soon.
    for (auto left = number(); left > 0; --left) {
      const Uid first{number32()};
      const Uid last{number32()};
      if (first == Uid{} || first > last || (!value.empty() && first <= value.highest())) throw DamagedValue{};
      value.insert({first, last});
    }
    return value;
  }
  DirectoryStamp stamp() {
    DirectoryStamp value;
    value.inode = number();
    value.mtime_ns = number();
    value.ctime_ns = number();
    value.birth_ns = number();
    return value;
  }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }
  void finish() const {
    if (!bytes_.empty()) throw DamagedValue{};
  }

 private:
  std::string_view take(std::uint64_t length) {
    if (length > bytes_.size()) throw DamagedValue{};
    const auto piece = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return piece;
  }

  std::string_view bytes_;
};

}  // namespace mailmirror::store
