#include "tests/support/imap_value.hpp"

#include "tests/support/harness.hpp"

#include <strings.h>

#include <charconv>
#include <utility>

namespace mailmirror::testing {

bool ImapValue::is(std::string_view atom) const {
  return kind == Kind::atom && text.size() == atom.size() && ::strncasecmp(text.data(), atom.data(), atom.size()) == 0;
}

const ImapValue& ImapValue::after(std::string_view key) const {
  for (std::size_t i = 0; i + 1 < items.size(); ++i)
    if (items[i].is(key)) return items[i + 1];
  throw HarnessError("the server's answer has no " + std::string(key));
}

std::uint64_t ImapValue::number() const {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) throw HarnessError("not a number in the server's answer: " + text);
  return value;
}

void ImapValueReader::add(ImapValue value) {
  open_.back().items.push_back(std::move(value));
}

long long ImapValueReader::line(std::string_view text) {
  long long literal_size = -1;
  if (const auto brace = text.rfind('{'); brace != text.npos && text.ends_with('}')) {
    const auto digits = text.substr(brace + 1, text.size() - brace - 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), literal_size);
    if (error != std::errc{} || end != digits.data() + digits.size()) literal_size = -1;
    if (literal_size >= 0) text = text.substr(0, brace);
  }
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ') {
      ++i;
    } else if (c == '(') {
      open_.emplace_back();
      ++i;
    } else if (c == ')') {
      ++i;
      if (open_.size() == 1) continue;
      ImapValue list = std::move(open_.back());
      open_.pop_back();
      add(std::move(list));
    } else if (c == '"') {
      std::string value;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      ++i;
      add({ImapValue::Kind::string, std::move(value), {}});
    } else {
      const auto end = std::min(text.find_first_of(" ()\"", i), text.size());
      add({ImapValue::Kind::atom, std::string(text.substr(i, end - i)), {}});
      i = end;
    }
  }
  return literal_size;
}

void ImapValueReader::literal(std::string bytes) {
  add({ImapValue::Kind::string, std::move(bytes), {}});
}

ImapValue ImapValueReader::take() {
  // Human-readable text may leave lists open.
  while (open_.size() > 1) {
    ImapValue list = std::move(open_.back());
    open_.pop_back();
    add(std::move(list));
  }
  return std::exchange(open_[0], ImapValue{});
}

std::string imap_quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string to_imap_date(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%d-%b-%Y %H:%M:%S +0000", &parts);
  return text;
}

std::time_t from_imap_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%d-%b-%Y %H:%M:%S %z", &parts);
  if (end == nullptr || *end != '\0') throw HarnessError("not a date in the server's answer: " + text);
  const long offset = parts.tm_gmtoff;
  return ::timegm(&parts) - offset;
}

}  // namespace mailmirror::testing
