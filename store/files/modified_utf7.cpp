#include "store/files/modified_utf7.hpp"

#include "store/files/utf8.hpp"

#include <boost/assert.hpp>

#include <cstdint>
#include <vector>

namespace mailmirror::store {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_plain(std::uint32_t code) {
  return code >= 0x20 && code <= 0x7e;
}
bool is_high(std::uint32_t unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low(std::uint32_t unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/// Writes UTF-16 units as base64 between '&' and '-'.
class Shifted {
 public:
  explicit Shifted(std::string& out) : out_(out) {}

  void put(std::uint32_t code) {
    if (!open_) out_ += '&';
    open_ = true;
    if (code >= 0x10000) {
      put_unit(0xd800 + ((code - 0x10000) >> 10));
      put_unit(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      put_unit(code);
    }
  }

  void close() {
    if (!open_) return;
    if (bits_ > 0) out_ += kDigits[held_ << (6 - bits_) & 0x3f];
    out_ += '-';
    open_ = false;
    bits_ = 0;
    held_ = 0;
  }

 private:
  void put_unit(std::uint32_t unit) {
    held_ = held_ << 16 | unit;
    for (bits_ += 16; bits_ >= 6; bits_ -= 6) out_ += kDigits[held_ >> (bits_ - 6) & 0x3f];
    held_ &= (1U << bits_) - 1;
  }

  std::string& out_;
  bool open_ = false;
  std::uint32_t held_ = 0;
  unsigned bits_ = 0;
};

std::optional<std::vector<std::uint32_t>> units_of(std::string_view base64) {
  std::vector<std::uint32_t> units;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : base64) {
    const auto digit = kDigits.find(c);
    if (digit == kDigits.npos) return std::nullopt;
    held = held << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    units.push_back(held >> bits & 0xffff);
    held &= (1U << bits) - 1;
  }
  return units;
}

bool append_units(std::string& out, const std::vector<std::uint32_t>& units) {
  for (std::size_t n = 0; n < units.size(); ++n) {
    if (is_low(units[n])) return false;
    if (!is_high(units[n])) {
      append_utf8(out, units[n]);
      continue;
    }
    if (n + 1 == units.size() || !is_low(units[n + 1])) return false;
    append_utf8(out, 0x10000 + ((units[n] - 0xd800) << 10) + (units[n + 1] - 0xdc00));
    ++n;
  }
  return true;
}

}  // namespace

std::string to_modified_utf7(std::string_view utf8) {
  std::string out;
  Shifted shifted(out);
  while (!utf8.empty()) {
    const auto character = first_character(utf8);
    BOOST_ASSERT_MSG(character.length > 0, "valid UTF-8");
    if (is_plain(character.code)) {
      shifted.close();
      out += static_cast<char>(character.code);
      if (character.code == '&') out += '-';
    } else {
      shifted.put(character.code);
    }
    utf8.remove_prefix(character.length);
  }
  shifted.close();
  return out;
}

std::optional<std::string> from_modified_utf7(std::string_view text) {
  std::string out;
  for (auto rest = text; !rest.empty();) {
    if (rest.front() != '&') {
      if (!is_plain(static_cast<unsigned char>(rest.front()))) return std::nullopt;
      out += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    const auto end = rest.find('-');
    if (end == rest.npos) return std::nullopt;
    const auto units = units_of(rest.substr(1, end - 1));
    if (!units || !append_units(out, *units)) return std::nullopt;
    if (end == 1) out += '&';
    rest.remove_prefix(end + 1);
  }
  // Other spellings of the same name (padding bits, plain characters in base64, two runs in a row) would make one mailbox of two
  // directories.
  if (to_modified_utf7(out) != text) return std::nullopt;
  return out;
}

}  // namespace mailmirror::store
