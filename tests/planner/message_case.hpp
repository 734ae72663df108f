// A generated case: the stories of some messages of one mailbox, each told by what the base held and what either side did since.
#pragma once

#include "sync/plan/planner.hpp"
#include "tests/planner/generate.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mailmirror::planner {

enum class Before : std::uint8_t { nothing, present, skipped, tombstone, pending };
enum class There : std::uint8_t {
  quiet,      ///< as before, not mentioned
  mentioned,  ///< as before, told about all the same
  changed,    ///< its flags
  expunged,
  came  ///< new
};
enum class Here : std::uint8_t { quiet, changed, gone, came };
enum class Word : std::uint8_t { none, approved, rejected };

/// One message. Its content is its number: nothing else has it.
struct Story {
  std::uint32_t number = 0;
  Before before = Before::nothing;
  FlagSet flags;  ///< of the base; of what came, on the side where it came
  There there = There::quiet;
  FlagDelta there_delta;
  Here here = Here::quiet;
  FlagDelta here_delta;
  Word word = Word::none;
  bool large = false;  ///< larger than the limit, where there is one
  /// What came here is our own download, cut before its record was written, of a message that was expunged meanwhile.
  bool dead_download = false;

  [[nodiscard]] bool in_base() const { return before != Before::nothing; }
  [[nodiscard]] bool had_file() const { return before == Before::present; }
  /// Both sides had it at the last pass, and have it still.
  [[nodiscard]] bool stays() const { return had_file() && here != Here::gone && there != There::expunged; }
};

struct MessageCase {
  sync::Policy policy;
  sync::Writable writable = sync::Writable::yes;
  std::vector<Story> stories;

  /// Where nothing may be written to the server.
  [[nodiscard]] sync::Mode mode() const;
};

constexpr std::uint64_t kSmall = 100;
constexpr std::uint64_t kLarge = 1000;
constexpr std::uint64_t kLimit = 500;

MessageCase make_message_case(std::uint64_t seed);

/// Fewer stories, and quieter ones, as long as it fails.
template <class Fails>
MessageCase smallest(MessageCase failing, Fails fails);

/// Readable; a story a line.
std::string describe(const MessageCase& c);

/// The story with one thing less to it, in each way there is.
std::vector<Story> quieter(const Story& story);

template <class Fails>
MessageCase smallest(MessageCase failing, Fails fails) {
  failing = without_needless(
      std::move(failing), [](MessageCase& c) -> std::vector<Story>& { return c.stories; }, fails);
  for (auto n = std::size_t{0}; n < failing.stories.size(); ++n) {
    bool smaller = true;
    while (smaller) {
      smaller = false;
      for (const auto& story : quieter(failing.stories[n])) {
        auto tried = failing;
        tried.stories[n] = story;
        if (!fails(tried)) continue;
        failing = std::move(tried);
        smaller = true;
        break;
      }
    }
  }
  return failing;
}

}  // namespace mailmirror::planner
