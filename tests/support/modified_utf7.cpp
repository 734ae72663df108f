#include "tests/support/harness.hpp"
#include "tests/support/imap_value.hpp"

#include <cstdint>
#include <vector>

namespace mailmirror::testing {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

char32_t next_code_point(std::string_view utf8, std::size_t& at) {
  const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(utf8.at(i)); };
  const char32_t first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte(at + i) & 0x3FU);
  at += length;
  return value;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0U | (c >> 6));
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12));
    put(0x80U | ((c >> 6) & 0x3FU));
  } else {
    put(0xF0U | (c >> 18));
    put(0x80U | ((c >> 12) & 0x3FU));
    put(0x80U | ((c >> 6) & 0x3FU));
  }
  put(0x80U | (c & 0x3FU));
}

std::string encode_run(const std::vector<std::uint16_t>& units) {
  std::string out = "&";
  std::uint32_t bits = 0;
  int held = 0;
  for (const auto unit : units) {
    bits = (bits << 16) | unit;
    for (held += 16; held >= 6; held -= 6) out += kDigits[(bits >> (held - 6)) & 0x3FU];
  }
  if (held > 0) out += kDigits[(bits << (6 - held)) & 0x3FU];
  return out + '-';
}

std::u16string decode_run(std::string_view digits) {
  std::u16string units;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char digit : digits) {
    const auto value = kDigits.find(digit);
    if (value == kDigits.npos) throw HarnessError("not modified UTF-7: " + std::string(digits));
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 16) continue;
    held -= 16;
    units += static_cast<char16_t>((bits >> held) & 0xFFFFU);
  }
  return units;
}

}  // namespace

std::string to_modified_utf7(std::string_view utf8) {
  std::string out;
  std::vector<std::uint16_t> run;
  const auto end_run = [&] {
    if (!run.empty()) out += encode_run(run);
    run.clear();
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = next_code_point(utf8, at);
    if (c >= 0x20 && c <= 0x7E) {
      end_run();
      out += c == '&' ? "&-" : std::string(1, static_cast<char>(c));
    } else if (c < 0x10000) {
      run.push_back(static_cast<std::uint16_t>(c));
    } else {
      run.push_back(static_cast<std::uint16_t>(0xD800U + ((c - 0x10000U) >> 10)));
      run.push_back(static_cast<std::uint16_t>(0xDC00U + ((c - 0x10000U) & 0x3FFU)));
    }
  }
  end_run();
  return out;
}

std::string from_modified_utf7(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] != '&') {
      out += name[at];
      continue;
    }
    const auto end = name.find('-', at);
    if (end == name.npos) throw HarnessError("not modified UTF-7: " + std::string(name));
    if (end == at + 1) out += '&';
    const auto units = decode_run(name.substr(at + 1, end - at - 1));
    for (std::size_t i = 0; i < units.size(); ++i) {
      char32_t c = units[i];
      if (c >= 0xD800 && c < 0xDC00 && i + 1 < units.size()) c = 0x10000U + ((c - 0xD800U) << 10) + (units[++i] - 0xDC00U);
      append_utf8(out, c);
    }
    at = end;
  }
  return out;
}

}  // namespace mailmirror::testing
