// A set of UIDs, kept as ranges: its size in memory follows the gaps, not the messages.
#pragma once

#include "sync/base/uid.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror {

/// Both ends belong to it; first <= last.
struct UidRange {
  Uid first;
  Uid last;
  friend bool operator==(const UidRange&, const UidRange&) = default;
};

/// Invariant: ranges are ascending, disjoint and not adjacent; no range holds UID 0.
class UidSet {
 public:
  UidSet() = default;
  UidSet(std::initializer_list<Uid> uids);

  /// Amortized constant when UIDs come in ascending order.
  void insert(Uid uid) { insert(UidRange{uid, uid}); }
  void insert(UidRange range);
  void erase(const UidSet& others);

  [[nodiscard]] bool contains(Uid uid) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  /// The number of UIDs, not of ranges.
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] const std::vector<UidRange>& ranges() const { return ranges_; }
  /// Precondition: not empty.
  [[nodiscard]] Uid lowest() const { return ranges_.front().first; }
  [[nodiscard]] Uid highest() const { return ranges_.back().last; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& range : ranges_)
      for (auto n = std::uint64_t{range.first.value()}; n <= range.last.value(); ++n) visit(Uid{static_cast<std::uint32_t>(n)});
  }

  /// The first `count` UIDs leave this set and are returned.
  UidSet take_front(std::uint64_t count);

  /// "1:3,7", the form of a sequence-set in commands (RFC 3501 §9); "" for the empty set, which no command may carry.
  [[nodiscard]] std::string to_string() const;

  /// The reverse; "*" isn't taken, since its meaning needs a mailbox. nullopt where the text is no set of non-zero 32-bit
  /// numbers or has more than `max_ranges` ranges. "5:3" means 3:5, as RFC 3501 says.
  static std::optional<UidSet> parse(std::string_view text, std::size_t max_ranges = 1'000'000);

  friend bool operator==(const UidSet&, const UidSet&) = default;
  friend UidSet operator-(const UidSet& a, const UidSet& b);
  friend UidSet operator&(const UidSet& a, const UidSet& b);
  friend UidSet operator|(const UidSet& a, const UidSet& b);

 private:
  std::vector<UidRange> ranges_;
};

}  // namespace mailmirror
