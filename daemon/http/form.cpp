#include "daemon/http/form.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailmirror::http {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::optional<char> escaped(std::string_view digits) {
  unsigned value = 0;
  if (digits.size() != 2) return std::nullopt;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + 2, value, 16);
  if (failure != std::errc() || end != digits.data() + 2) return std::nullopt;
  return static_cast<char>(value);
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? escaped(text.substr(i + 1, 2)) : std::nullopt;
    out += byte ? *byte : text[i] == '+' ? ' ' : text[i];
    if (byte) i += 2;
  }
  return out;
}

}  // namespace

std::string encode_form(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += encode(name) + '=' + encode(value);
  }
  return out;
}

Fields decode_form(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto piece = text.substr(0, end);
    const auto equals = piece.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1);
    if (!piece.empty()) fields.emplace_back(decode(piece.substr(0, equals)), decode(value));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return fields;
}

std::optional<std::string> field_of(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return std::nullopt;
}

std::string with_query(std::string url, const Fields& fields) {
  if (fields.empty()) return url;
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + encode_form(fields);
}

Fields query_of(std::string_view url) {
  const auto mark = url.find('?');
  if (mark == std::string_view::npos) return {};
  const auto query = url.substr(mark + 1);
  return decode_form(query.substr(0, query.find('#')));
}

}  // namespace mailmirror::http
