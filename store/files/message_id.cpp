#include "store/files/message_id.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>

namespace mailmirror::store {
namespace {

constexpr std::size_t kLongestHeader = 256 * 1024;
constexpr std::size_t kLongestId = 1000;
constexpr std::string_view kSpace = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Takes the first line, without its end, off `text`.
std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool is_folded(std::string_view text) {
  return !text.empty() && kSpace.find(text.front()) != kSpace.npos;
}

std::string between_brackets(const std::string& value) {
  const auto open = value.find('<');
  const auto close = open == value.npos ? open : value.find('>', open);
  return close == value.npos ? value : value.substr(open, close - open + 1);
}

}  // namespace

void MessageIdFinder::take(std::span<const std::byte> bytes) {
  if (complete_) return;
  const auto before = header_.size();
  const auto room = std::min(bytes.size(), kLongestHeader - before);
  header_.append(reinterpret_cast<const char*>(bytes.data()), room);
  const auto from = before < 3 ? 0 : before - 3;
  const bool ended = header_.find("\n\n", from) != header_.npos || header_.find("\n\r\n", from) != header_.npos;
  complete_ = ended || header_.size() == kLongestHeader;
}

std::string MessageIdFinder::message_id() const {
  std::string_view rest(header_);
  while (!rest.empty()) {
    const auto line = next_line(rest);
    if (line.empty()) return {};
    const auto colon = line.find(':');
    if (colon == line.npos || !ascii::equal_ignoring_case(trimmed(line.substr(0, colon)), "Message-ID")) continue;
    std::string value(trimmed(line.substr(colon + 1)));
    while (is_folded(rest) && value.size() < kLongestId) value.append(trimmed(next_line(rest)));
    return between_brackets(value).substr(0, kLongestId);
  }
  return {};
}

}  // namespace mailmirror::store
