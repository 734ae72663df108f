#include "imap/client/extension/qresync.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mailmirror::imap::client {
namespace {

/// A longer list of known UIDs is left out: then the server tells of all that vanished, which is right, too.
constexpr std::size_t kLongestKnownUids = 6000;

/// Positions, counted from 1, that lie closer to each other toward the end, where mail comes and goes (RFC 7162 §3.2.5.2): the last,
/// the middle, three quarters, …
std::vector<std::uint64_t> sample(std::uint64_t count) {
  std::vector<std::uint64_t> positions;
  for (auto left = count; left > 1; left /= 2) positions.push_back(count - left / 2);
  positions.push_back(count);
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  std::erase(positions, 0U);
  return positions;
}

/// The UID at each of `positions` (ascending), in one pass over the ranges.
std::vector<Uid> at(const UidSet& uids, const std::vector<std::uint64_t>& positions) {
  std::vector<Uid> found;
  std::uint64_t before = 0;
  auto next = positions.begin();
  for (const auto& range : uids.ranges()) {
    const auto size = std::uint64_t{range.last.value()} - range.first.value() + 1;
    for (; next != positions.end() && *next <= before + size; ++next)
      found.push_back(Uid{static_cast<std::uint32_t>(range.first.value() + (*next - before - 1))});
    before += size;
  }
  return found;
}

std::string match_data(const UidSet& known) {
  const auto positions = sample(known.size());
  const auto uids = at(known, positions);
  std::vector<std::uint32_t> numbers;
  for (const auto uid : uids) numbers.push_back(uid.value());
  return fmt::format(" ({} {})", fmt::join(positions, ","), fmt::join(numbers, ","));
}

}  // namespace

std::string qresync_parameter(const Resync& resync) {
  std::string known;
  if (resync.known && !resync.known->empty()) {
    known = ' ' + resync.known->to_string();
    if (known.size() > kLongestKnownUids) known = fmt::format(" {}:{}", resync.known->lowest().value(), resync.known->highest().value());
    known += match_data(*resync.known);
  }
  return fmt::format("(QRESYNC ({} {}{}))", resync.uid_validity.value(), resync.mod_seq.value(), known);
}

}  // namespace mailmirror::imap::client
