// A number that is not just any number: Uid, ModSeq and UidValidity can't be mixed up or computed with by accident.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace mailmirror {

template <class Tag, class Rep>
class Strong {
 public:
  using rep = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const noexcept { return value_; }

  friend constexpr auto operator<=>(Strong, Strong) = default;

 private:
  Rep value_{};
};

}  // namespace mailmirror

template <class Tag, class Rep>
struct std::hash<mailmirror::Strong<Tag, Rep>> {
  std::size_t operator()(mailmirror::Strong<Tag, Rep> v) const noexcept { return std::hash<Rep>{}(v.value()); }
};
