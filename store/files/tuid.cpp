#include "store/files/tuid.hpp"

#include "sync/base/ascii.hpp"

namespace mailmirror::store {
namespace {

constexpr std::string_view kField = "X-TUID: ";
constexpr std::size_t kTuidLength = 12;

}  // namespace

std::optional<HeaderLine> find_tuid_line(std::string_view header) {
  for (std::size_t at = 0; at < header.size();) {
    const auto end = header.find('\n', at);
    if (end == header.npos) return std::nullopt;
    auto line = header.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) return std::nullopt;
    const bool named = line.size() == kField.size() + kTuidLength && ascii::equal_ignoring_case(line.substr(0, kField.size()), kField);
    if (named) return HeaderLine{at, end + 1 - at};
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace mailmirror::store
