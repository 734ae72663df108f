#include "store/files/line_conversion.hpp"

#include <cstring>

namespace mailmirror::store {
namespace {

constexpr std::byte kCr{'\r'};
constexpr std::byte kLf{'\n'};

/// The bytes before the first `wanted`; all where there is none.
std::span<const std::byte> up_to(std::span<const std::byte> bytes, std::byte wanted) {
  if (bytes.empty()) return bytes;
  const auto* found = static_cast<const std::byte*>(std::memchr(bytes.data(), static_cast<int>(wanted), bytes.size()));
  return found == nullptr ? bytes : bytes.first(static_cast<std::size_t>(found - bytes.data()));
}

void append(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::size_t ToFileForm::convert(std::span<const std::byte> wire, std::vector<std::byte>& out) {
  auto rest = wire;
  const auto taken = [&] { return wire.size() - rest.size(); };
  while (!rest.empty()) {
    if (holds_cr_) {
      if (rest.front() != kLf) return taken();
      out.push_back(kLf);
      holds_cr_ = false;
      rest = rest.subspan(1);
      continue;
    }
    const auto line = up_to(rest, kCr);
    const auto text = up_to(line, kLf);
    append(out, text);
    rest = rest.subspan(text.size());
    if (text.size() < line.size() || rest.empty()) return taken();
    rest = rest.subspan(1);
    holds_cr_ = true;
  }
  return taken();
}

void ToWireForm::convert(std::span<const std::byte> file, std::vector<std::byte>& out) {
  while (!file.empty()) {
    const auto line = up_to(file, kLf);
    append(out, line);
    if (!line.empty()) after_cr_ = line.back() == kCr;
    file = file.subspan(line.size());
    if (file.empty()) return;
    if (!after_cr_) out.push_back(kCr);
    out.push_back(kLf);
    after_cr_ = false;
    file = file.subspan(1);
  }
}

}  // namespace mailmirror::store
