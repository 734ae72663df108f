// What the generated tests share: how many cases, from which seeds, and the smallest one that fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace mailmirror::planner {

/// The same seed gives the same numbers on every machine, as std's distributions don't.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  /// Uniform in [0, bound).
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

/// MAILMIRROR_SEED is the first seed, MAILMIRROR_CASES how many follow.
struct Seeds {
  std::uint64_t first = number("MAILMIRROR_SEED", 1);
  std::uint64_t count;

  explicit Seeds(std::uint64_t usual) : count(number("MAILMIRROR_CASES", usual)) {}

 private:
  static std::uint64_t number(const char* variable, std::uint64_t usual) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
  }
};

/// Drops one part after the other as long as the case goes on failing: what remains is needed, each part of it.
/// `parts` gives a case's vector; `fails` judges a case.
template <class Case, class Parts, class Fails>
Case without_needless(Case failing, Parts parts, Fails fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t n = 0; n < parts(failing).size();) {
      Case tried = failing;
      auto& all = parts(tried);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(n));
      if (fails(tried)) {
        failing = std::move(tried);
        smaller = true;
      } else {
        ++n;
      }
    }
  }
  return failing;
}

}  // namespace mailmirror::planner
