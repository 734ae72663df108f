// Who is who, for generated messages of which some are hard to tell apart: one to one, never a message claimed twice, never a guess
// where a pair has to be certain.
#include "sync/plan/file_matcher.hpp"
#include "sync/plan/rematcher.hpp"
#include "tests/planner/generate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace mailmirror::planner {
namespace {

using sync::MessageTraits;
using sync::NewFile;
using sync::Pairs;
using sync::RemoteMessage;
using sync::Trust;

/// A message as both lists may hold it. Few values, so that many agree by chance; equal bytes have equal traits.
struct Sort {
  std::uint8_t id = 0;  ///< 0: without a Message-ID
  std::uint8_t size = 0;
  std::uint8_t date = 0;
  std::uint8_t bytes = 0;
  std::uint32_t uid = 0;    ///< of the message; the hint in a file's name, 0: none
  bool unreadable = false;  ///< its digest isn't known
};

struct MatchCase {
  std::vector<Sort> here;
  std::vector<Sort> there;
};

MatchCase make_match_case(std::uint64_t seed) {
  Chance chance(seed);
  MatchCase c;
  const auto sort = [&](std::uint32_t uid) {
    Sort s;
    s.bytes = static_cast<std::uint8_t>(chance.below(12));
    s.id = s.bytes % 5;
    s.size = s.bytes % 3;
    s.date = static_cast<std::uint8_t>(chance.below(2));
    s.uid = uid;
    s.unreadable = chance.one_in(8);
    return s;
  };
  const auto many = chance.below(8);
  for (std::uint32_t n = 0; n < many; ++n) c.here.push_back(sort(chance.below(10)));
  const auto messages = chance.below(8);
  for (std::uint32_t n = 0; n < messages; ++n) c.there.push_back(sort(n + 1));
  return c;
}

std::string describe(const MatchCase& c) {
  std::string text;
  for (const auto* side : {&c.here, &c.there}) {
    text += side == &c.here ? "here:\n" : "there:\n";
    for (const auto& s : *side)
      text += fmt::format("  Message-ID {}, size {}, date {}, bytes {}, UID {}{}\n", s.id, s.size, s.date, s.bytes, s.uid,
                          s.unreadable ? ", unreadable" : "");
  }
  return text;
}

std::string id_of(const Sort& s) {
  return s.id == 0 ? "" : fmt::format("<{}>", s.id);
}
std::uint64_t size_of(const Sort& s) {
  return 100U + s.size;
}
std::chrono::sys_seconds date_of(const Sort& s) {
  return std::chrono::sys_seconds(std::chrono::seconds(s.date));
}

std::vector<MessageTraits> traits(const std::vector<Sort>& all) {
  std::vector<MessageTraits> result;
  for (const auto& s : all) result.push_back({id_of(s), size_of(s), date_of(s)});
  return result;
}

std::vector<std::optional<Digest>> digests(const std::vector<Sort>& all) {
  std::vector<std::optional<Digest>> result;
  for (const auto& s : all) {
    Digest digest;
    digest.bytes[0] = static_cast<std::uint8_t>(s.bytes + 1);
    result.push_back(s.unreadable ? std::nullopt : std::optional(digest));
  }
  return result;
}

bool same_traits(const Sort& a, const Sort& b) {
  return a.id == b.id && a.size == b.size && a.date == b.date;
}

std::size_t alike(const std::vector<Sort>& all, const Sort& one) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Sort& s) { return same_traits(s, one); }));
}

std::string one_to_one(const MatchCase& c, const Pairs& pairs) {
  std::set<std::size_t> here;
  std::set<std::size_t> there;
  for (const auto& [h, t] : pairs) {
    if (h >= c.here.size() || t >= c.there.size()) return "a pair names what isn't there";
    if (!here.insert(h).second) return fmt::format("number {} here is claimed twice", h);
    if (!there.insert(t).second) return fmt::format("number {} there is claimed twice", t);
  }
  return "";
}

/// Exactly those with traits that nobody else on either side has.
std::string certain(const MatchCase& c, const Pairs& pairs) {
  const std::set<std::pair<std::size_t, std::size_t>> found(pairs.begin(), pairs.end());
  for (std::size_t h = 0; h < c.here.size(); ++h)
    for (std::size_t t = 0; t < c.there.size(); ++t) {
      const auto& a = c.here[h];
      const bool wanted = a.id != 0 && same_traits(a, c.there[t]) && alike(c.here, a) == 1 && alike(c.there, a) == 1;
      if (wanted != found.contains({h, t}))
        return fmt::format("{} here and {} there {} one", h, t, wanted ? "are" : "aren't certainly");
    }
  return "";
}

Pairs by_moves(const MatchCase& c) {
  return sync::match_moves(traits(c.here), traits(c.there));
}

std::string wrong_moves(const MatchCase& c, const Pairs& pairs) {
  const auto wrong = one_to_one(c, pairs);
  return wrong.empty() ? certain(c, pairs) : wrong;
}

Pairs by_digest(const MatchCase& c) {
  return sync::rematch_by_digest(digests(c.here), digests(c.there));
}

/// Equal bytes only, and as many pairs as there can be.
std::string wrong_digests(const MatchCase& c, const Pairs& pairs) {
  if (auto wrong = one_to_one(c, pairs); !wrong.empty()) return wrong;
  for (const auto& [h, t] : pairs) {
    if (c.here[h].unreadable || c.there[t].unreadable) return "bytes that nobody knows are compared";
    if (c.here[h].bytes != c.there[t].bytes) return fmt::format("{} here and {} there have other bytes", h, t);
  }
  std::size_t possible = 0;
  for (std::uint8_t bytes = 0; bytes < 12; ++bytes) {
    const auto count = [&](const std::vector<Sort>& all) {
      return std::count_if(all.begin(), all.end(), [&](const Sort& s) { return s.bytes == bytes && !s.unreadable; });
    };
    possible += static_cast<std::size_t>(std::min(count(c.here), count(c.there)));
  }
  return pairs.size() == possible ? "" : fmt::format("{} pairs, and {} are possible", pairs.size(), possible);
}

std::string wrong_rematching(const MatchCase& c) {
  const auto result = sync::rematch_by_traits(traits(c.here), traits(c.there));
  if (auto wrong = wrong_moves(c, result.pairs); !wrong.empty()) return wrong;
  std::set<std::size_t> settled;
  std::set<std::size_t> open;
  for (std::size_t h = 0; h < c.here.size(); ++h) open.insert(h);
  for (const auto& [h, t] : result.pairs) settled.insert(t), open.erase(h);
  const std::set<std::size_t> doubtful(result.doubtful.begin(), result.doubtful.end());
  for (std::size_t t = 0; t < c.there.size(); ++t) {
    if (settled.contains(t) && doubtful.contains(t)) return fmt::format("{} there is settled and in doubt", t);
    // What isn't read can't be found by its bytes.
    const bool needed =
        !settled.contains(t) && std::any_of(open.begin(), open.end(), [&](auto h) { return c.here[h].bytes == c.there[t].bytes; });
    if (needed && !doubtful.contains(t)) return fmt::format("{} there may be one of the others, and isn't in doubt", t);
  }
  return "";
}

NewFile file_of(const Sort& s) {
  NewFile file;
  file.message_id = id_of(s);
  file.modified = date_of(s);
  file.wire_size = file.served_size = file.file_size = size_of(s);
  if (s.uid != 0) file.hint = Uid{s.uid};
  return file;
}

Pairs by_files(const MatchCase& c, Trust trust) {
  std::vector<NewFile> files;
  for (const auto& s : c.here) files.push_back(file_of(s));
  std::vector<RemoteMessage> messages;
  for (const auto& s : c.there) messages.push_back({Uid{s.uid}, {}, size_of(s), date_of(s), id_of(s)});
  return sync::match_files(files, messages, trust);
}

/// A pair agrees in all that the trust asks for; a UID in a name that agrees is believed before anything else.
std::string wrong_files(const MatchCase& c, const Pairs& pairs, Trust trust) {
  if (auto wrong = one_to_one(c, pairs); !wrong.empty()) return wrong;
  std::set<std::size_t> there;
  for (const auto& [h, t] : pairs) {
    const auto& a = c.here[h];
    const auto& b = c.there[t];
    there.insert(t);
    const bool agree = a.id == b.id && a.size == b.size && (a.date == b.date || (trust == Trust::adoption && a.id != 0));
    if (!agree) return fmt::format("{} here is taken for {} there, which it can't be", h, t);
    if (a.uid != b.uid && a.id == 0) return fmt::format("{} here is taken for {} there by nothing but its size and date", h, t);
  }
  for (std::size_t h = 0; h < c.here.size(); ++h)
    for (std::size_t t = 0; t < c.there.size(); ++t)
      if (c.here[h].uid == c.there[t].uid && same_traits(c.here[h], c.there[t]) && !there.contains(t))
        return fmt::format("{} there isn't found, though {} here names its UID and agrees", t, h);
  return "";
}

using Judge = std::function<std::string(const MatchCase&)>;

void expect_right(const Judge& judge) {
  const Seeds seeds(30'000);
  for (auto seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    auto c = make_match_case(seed);
    if (judge(c).empty()) continue;
    const auto fails = [&](const MatchCase& tried) { return !judge(tried).empty(); };
    c = without_needless(
        std::move(c), [](MatchCase& m) -> std::vector<Sort>& { return m.here; }, fails);
    c = without_needless(
        std::move(c), [](MatchCase& m) -> std::vector<Sort>& { return m.there; }, fails);
    FAIL() << "MAILMIRROR_SEED=" << seed << ": " << judge(c) << "\n" << describe(c);
  }
}

void expect_seen(const Judge& judge) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed)
    if (!judge(make_match_case(seed)).empty()) return;
  ADD_FAILURE() << "not seen in 2000 cases";
}

/// The first that looks alike, as a hasty matcher would take it.
Pairs hasty(const MatchCase& c) {
  Pairs pairs;
  for (std::size_t h = 0; h < c.here.size(); ++h)
    for (std::size_t t = 0; t < c.there.size(); ++t)
      if (c.here[h].id == c.there[t].id) {
        pairs.emplace_back(h, t);
        break;
      }
  return pairs;
}

TEST(GeneratedMoves, Matched_OnlyWhatIsCertain) {
  expect_right([](const MatchCase& c) { return wrong_moves(c, by_moves(c)); });
}

TEST(GeneratedRematching, ByTraits_CertainOrInDoubt) {
  expect_right(wrong_rematching);
}

TEST(GeneratedRematching, ByDigest_AsManyAsThereCanBe) {
  expect_right([](const MatchCase& c) { return wrong_digests(c, by_digest(c)); });
}

TEST(GeneratedFiles, OfAMirroredMailbox_AgreeInAllTraits) {
  expect_right([](const MatchCase& c) { return wrong_files(c, by_files(c, Trust::strict), Trust::strict); });
}

TEST(GeneratedFiles, OfAnAdoptedMaildir_AgreeButForTheDate) {
  expect_right([](const MatchCase& c) { return wrong_files(c, by_files(c, Trust::adoption), Trust::adoption); });
}

TEST(PlantedMatcherFault, HastyMatcher_IsSeen) {
  expect_seen([](const MatchCase& c) { return wrong_moves(c, hasty(c)); });
  expect_seen([](const MatchCase& c) { return wrong_digests(c, hasty(c)); });
  expect_seen([](const MatchCase& c) { return wrong_files(c, hasty(c), Trust::strict); });
  expect_seen([](const MatchCase& c) { return wrong_files(c, hasty(c), Trust::adoption); });
}

TEST(PlantedMatcherFault, PairForgotten_IsSeen) {
  const auto less = [](Pairs pairs) {
    if (!pairs.empty()) pairs.pop_back();
    return pairs;
  };
  expect_seen([&](const MatchCase& c) { return wrong_moves(c, less(by_moves(c))); });
  expect_seen([&](const MatchCase& c) { return wrong_digests(c, less(by_digest(c))); });
  expect_seen([&](const MatchCase& c) { return wrong_files(c, less(by_files(c, Trust::strict)), Trust::strict); });
}

}  // namespace
}  // namespace mailmirror::planner
