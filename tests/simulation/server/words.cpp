#include "tests/simulation/server/words.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace mailmirror::simulation {

void Words::skip_space() {
  while (peek() == ' ') ++at_;
}

std::string Words::string() {
  std::string text;
  if (peek() == '"') {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
      text += text_[at_];
    }
    ++at_;
  } else if (peek() == '{') {
    std::size_t size = 0;
    std::from_chars(text_.data() + at_ + 1, text_.data() + text_.size(), size);
    at_ = text_.find('\n', at_) + 1;
    text = text_.substr(at_, size);
    at_ += size;
  } else {
    const auto end = std::min(text_.find_first_of(" \r", at_), text_.size());
    text = text_.substr(at_, end - at_);
    at_ = end;
  }
  skip_space();
  return text;
}

std::string Words::keyword() {
  return ascii::to_upper(string());
}

std::string Words::list() {
  if (peek() != '(') return {};
  std::size_t depth = 0;
  auto end = at_;
  for (; end < text_.size(); ++end) {
    if (text_[end] == '(') ++depth;
    if (text_[end] == ')' && --depth == 0) break;
  }
  auto inside = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  skip_space();
  return inside;
}

FlagSet flags_in(std::string_view words) {
  FlagSet flags;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    flags.insert_wire(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return flags;
}

std::string flags_text(const FlagSet& flags) {
  std::string text;
  for (const auto& name : flags.wire_names()) text += (text.empty() ? "" : " ") + name;
  return '(' + text + ')';
}

}  // namespace mailmirror::simulation
