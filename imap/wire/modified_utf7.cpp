#include "imap/wire/modified_utf7.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace mailmirror::imap::wire {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

constexpr std::uint32_t kReplacement = 0xfffd;

constexpr bool is_direct(char c) {
  return c >= 0x20 && c <= 0x7e;
}

Error not_mutf7(std::string_view text) {
  return fail(ErrorKind::protocol, "not modified UTF-7: " + with_valid_utf8(text));
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

/// The UTF-16 units of one base64 run; nullopt where it is no such thing.
std::optional<std::vector<std::uint16_t>> units_of(std::string_view run) {
  std::vector<std::uint16_t> units;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : run) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 16) continue;
    count -= 16;
    units.push_back(static_cast<std::uint16_t>(bits >> count));
    bits &= (1U << count) - 1;
  }
  if (bits != 0 || count >= 6 || units.empty()) return std::nullopt;
  return units;
}

bool append_units(std::string& out, const std::vector<std::uint16_t>& units) {
  for (std::size_t n = 0; n < units.size(); ++n) {
    std::uint32_t point = units[n];
    if (point >= 0xdc00 && point <= 0xdfff) return false;
    if (point >= 0xd800 && point <= 0xdbff) {
      if (++n == units.size() || units[n] < 0xdc00 || units[n] > 0xdfff) return false;
      point = 0x10000 + ((point - 0xd800) << 10) + (units[n] - 0xdc00U);
    } else if (point >= 0x20 && point <= 0x7e) {
      return false;
    }
    append_utf8(out, point);
  }
  return true;
}

/// The code point at `at`, which moves on; nullopt where the text isn't UTF-8 (overlong forms and surrogates included).
std::optional<std::uint32_t> next_point(std::string_view utf8, std::size_t& at) {
  const auto lead = static_cast<std::uint8_t>(utf8[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 && lead <= 0xf4 ? 3 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xc2 && lead < 0xe0 ? 1 : 0;
  if (more == 0) return std::nullopt;
  std::uint32_t point = lead & (0x3fU >> more);
  for (int n = 0; n < more; ++n) {
    if (at == utf8.size()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(utf8[at++]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (byte & 0x3fU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  if (point < kLeast[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return std::nullopt;
  return point;
}

/// Gathers UTF-16 units and writes them as one "&…-" run.
class Base64Run {
 public:
  void add(std::uint32_t point) {
    if (point >= 0x10000) {
      add_unit(0xd800 + ((point - 0x10000) >> 10));
      add_unit(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      add_unit(point);
    }
  }

  void flush(std::string& out) {
    if (count_ > 0) digits_ += kAlphabet[bits_ << (6 - count_) & 0x3f];
    if (!digits_.empty()) out += '&' + digits_ + '-';
    *this = {};
  }

 private:
  void add_unit(std::uint32_t unit) {
    bits_ = bits_ << 16 | unit;
    count_ += 16;
    for (; count_ >= 6; count_ -= 6) digits_ += kAlphabet[bits_ >> (count_ - 6) & 0x3f];
    bits_ &= (1U << count_) - 1;
  }

  std::string digits_;
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
};

}  // namespace

Result<std::string> decode_modified_utf7(std::string_view text) {
  std::string out;
  bool after_run = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (!is_direct(c)) return not_mutf7(text);
    if (c != '&') {
      out += c;
      ++at;
      after_run = false;
      continue;
    }
    const auto end = text.find('-', at);
    if (end == std::string_view::npos) return not_mutf7(text);
    const auto run = text.substr(at + 1, end - at - 1);
    at = end + 1;
    if (run.empty()) {
      out += '&';
      after_run = false;
      continue;
    }
    const auto units = units_of(run);
    // Two runs side by side would be one if the encoder were honest ("superfluous shift").
    if (after_run || !units || !append_units(out, *units)) return not_mutf7(text);
    after_run = true;
  }
  return out;
}

std::string with_valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto start = at;
    const auto point = next_point(text, at);
    if (!point) at = start + 1;
    append_utf8(out, point.value_or(kReplacement));
  }
  return out;
}

Result<std::string> encode_modified_utf7(std::string_view utf8) {
  std::string out;
  Base64Run run;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto point = next_point(utf8, at);
    if (!point) return fail(ErrorKind::protocol, "not UTF-8: " + with_valid_utf8(utf8));
    if (*point < 0x20 || *point > 0x7e) {
      run.add(*point);
      continue;
    }
    run.flush(out);
    out += static_cast<char>(*point);
    if (*point == '&') out += '-';
  }
  run.flush(out);
  return out;
}

}  // namespace mailmirror::imap::wire
