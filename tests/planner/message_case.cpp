#include "tests/planner/message_case.hpp"

#include <fmt/format.h>

namespace mailmirror::planner {
namespace {

using sync::Mode;
using sync::OnLocalDelete;

FlagSet some_flags(Chance& chance) {
  auto flags = FlagSet::from_bits(static_cast<std::uint8_t>(chance.below(64) & chance.below(64)));
  if (chance.one_in(6)) flags.insert_keyword("work");
  if (chance.one_in(12)) flags.insert_keyword("home");
  return flags;
}

FlagDelta some_change(Chance& chance, const FlagSet& from) {
  const auto to = some_flags(chance);
  const auto delta = FlagDelta::between(from, to);
  return delta.empty()
             ? FlagDelta::between(from, from.contains(Flag::seen) ? from - FlagSet{Flag::seen} : from | FlagSet{Flag::seen})
             : delta;
}

void change_there(Chance& chance, Story& story) {
  constexpr There kWays[] = {There::quiet, There::quiet, There::mentioned, There::changed, There::expunged};
  story.there = kWays[chance.below(std::size(kWays))];
  if (story.there == There::changed) story.there_delta = some_change(chance, story.flags);
}

void change_here(Chance& chance, Story& story, bool many_go) {
  constexpr Here kWays[] = {Here::quiet, Here::quiet, Here::changed, Here::gone};
  story.here = many_go && !chance.one_in(4) ? Here::gone : kWays[chance.below(std::size(kWays))];
  if (story.here == Here::changed) story.here_delta = some_change(chance, story.flags);
}

Story make_story(Chance& chance, std::uint32_t number, bool many_go) {
  Story story;
  story.number = number;
  story.flags = some_flags(chance);
  story.large = chance.one_in(5);
  if (chance.one_in(4)) {
    // New: on one side, or on both (a download or an adopted file without a record).
    story.there = chance.one_in(2) ? There::came : There::quiet;
    story.here = story.there == There::quiet || chance.one_in(3) ? Here::came : Here::quiet;
    if (story.here == Here::came) story.here_delta = some_change(chance, story.flags);
    story.dead_download = story.there == There::quiet && chance.one_in(6);
    return story;
  }
  constexpr Before kRare[] = {Before::skipped, Before::tombstone, Before::pending};
  story.before = chance.one_in(6) ? kRare[chance.below(std::size(kRare))] : Before::present;
  change_there(chance, story);
  // A pending message is told about at each look until it comes.
  if (story.before == Before::pending && story.there == There::quiet) story.there = There::mentioned;
  if (story.had_file()) change_here(chance, story, many_go);
  if (chance.one_in(6)) story.word = chance.one_in(2) ? Word::approved : Word::rejected;
  return story;
}

/// Where \Deleted on both sides means an expunge: only a mark of before, that nobody touches, has it within one plan.
void keep_only_old_marks(Story& story) {
  const FlagSet mark{Flag::deleted};
  for (auto* delta : {&story.there_delta, &story.here_delta}) *delta = {delta->added - mark, delta->removed - mark};
  if (!story.stays()) story.flags = story.flags - mark;
}

const char* name(Before before) {
  constexpr const char* kNames[] = {"new", "present", "skipped", "tombstone", "pending"};
  return kNames[static_cast<std::size_t>(before)];
}
const char* name(There there) {
  constexpr const char* kNames[] = {"quiet", "mentioned", "changed", "expunged", "came"};
  return kNames[static_cast<std::size_t>(there)];
}
const char* name(Here here) {
  constexpr const char* kNames[] = {"quiet", "changed", "gone", "came"};
  return kNames[static_cast<std::size_t>(here)];
}
const char* name(Word word) {
  constexpr const char* kNames[] = {"", " approved", " rejected"};
  return kNames[static_cast<std::size_t>(word)];
}

std::string words(const FlagDelta& delta) {
  return delta.empty() ? "" : fmt::format(" +({}) -({})", delta.added.to_string(), delta.removed.to_string());
}

}  // namespace

Mode MessageCase::mode() const {
  return writable == sync::Writable::no && policy.mode == Mode::two_way ? Mode::pull : policy.mode;
}

MessageCase make_message_case(std::uint64_t seed) {
  Chance chance(seed);
  MessageCase c;
  if (chance.one_in(3)) c.policy.mode = chance.one_in(2) ? Mode::pull : Mode::archive;
  c.policy.on_local_delete = static_cast<OnLocalDelete>(chance.below(3));
  // Small limits, so that small mailboxes meet them; often none, so that the guard hides nothing else.
  c.policy.guard = chance.one_in(2) ? sync::GuardLimits{1 + chance.below(4), 10 + chance.below(50)} : sync::GuardLimits{1000, 100};
  if (chance.one_in(3)) c.policy.max_message_size = kLimit;
  if (chance.one_in(10)) c.writable = sync::Writable::no;
  const bool many_go = chance.one_in(8);
  const auto stories = chance.one_in(10) ? 10 + chance.below(8) : 1 + chance.below(6);
  for (std::uint32_t number = 1; number <= stories; ++number) c.stories.push_back(make_story(chance, number, many_go));
  c.policy.expunge = chance.one_in(4);
  if (c.policy.expunge)
    for (auto& story : c.stories) keep_only_old_marks(story);
  return c;
}

std::vector<Story> quieter(const Story& story) {
  std::vector<Story> all;
  const auto add = [&](auto change) {
    Story less = story;
    change(less);
    all.push_back(std::move(less));
  };
  if (!story.flags.empty() && story.there_delta.empty() && story.here_delta.empty()) add([](Story& s) { s.flags = {}; });
  if (story.word != Word::none) add([](Story& s) { s.word = Word::none; });
  if (story.dead_download) add([](Story& s) { s.dead_download = false; });
  if (story.large) add([](Story& s) { s.large = false; });
  if (story.had_file() && story.here != Here::quiet) add([](Story& s) { s.here = Here::quiet, s.here_delta = {}; });
  if (story.in_base() && story.before != Before::pending && story.there != There::quiet)
    add([](Story& s) { s.there = There::quiet, s.there_delta = {}; });
  if (story.there == There::came && story.here == Here::came) add([](Story& s) { s.here = Here::quiet, s.here_delta = {}; });
  return all;
}

std::string describe(const MessageCase& c) {
  constexpr const char* kModes[] = {"two-way", "pull", "archive"};
  constexpr const char* kDeletes[] = {"expunge", "trash", "keep"};
  auto text = fmt::format(
      "{}, on_local_delete {}, guard {} and {} %, limit {}{}{}\n", kModes[static_cast<std::size_t>(c.policy.mode)],
      kDeletes[static_cast<std::size_t>(c.policy.on_local_delete)], c.policy.guard.messages, c.policy.guard.percent,
      c.policy.max_message_size, c.writable == sync::Writable::no ? ", READ-ONLY" : "", c.policy.expunge ? ", expunge" : "");
  for (const auto& s : c.stories)
    text += fmt::format("  message {}: {} ({}){}{}{}; there {}{}; here {}{}\n", s.number, name(s.before), s.flags.to_string(),
                        s.large ? " large" : "", s.dead_download ? " dead download" : "", name(s.word), name(s.there),
                        words(s.there_delta), name(s.here), words(s.here_delta));
  return text;
}

}  // namespace mailmirror::planner
