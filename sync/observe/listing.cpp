#include "sync/observe/listing.hpp"

#include <algorithm>
#include <array>

namespace mailmirror::sync {
namespace {

bool looks_windowed(std::uint64_t count) {
  constexpr std::array<std::uint64_t, 4> kWindows{1000, 2000, 5000, 10000};
  return std::find(kWindows.begin(), kWindows.end(), count) != kWindows.end();
}

UidSet from(Uid lowest) {
  UidSet set;
  set.insert(UidRange{lowest, Uid{0xffffffff}});
  return set;
}

}  // namespace

UidSet proven_absent(const UidSet& known, const UidSet& listing, std::uint32_t exists, std::uint32_t window) {
  if (listing.size() < exists) return {};
  const auto absent = known - listing;
  const bool known_to_window = window != 0 && listing.size() >= window;
  if (listing.empty() || !(known_to_window || looks_windowed(listing.size()))) return absent;
  return absent & from(listing.lowest());
}

}  // namespace mailmirror::sync
