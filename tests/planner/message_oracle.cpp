#include "tests/planner/message_oracle.hpp"

#include "tests/planner/message_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace mailmirror::planner {
namespace {

using sync::Mode;
using sync::OnLocalDelete;

/// Where a message must be in the end; flags where it is on that side.
struct Wanted {
  std::optional<FlagSet> there;
  std::optional<FlagSet> here;
  bool in_attic = false;
  bool in_trash = false;
};

/// Which deletions the guard must hold, by story.
struct Held {
  std::set<std::uint32_t> there;
  std::set<std::uint32_t> here;
};

/// By `expunge = true`.
bool is_marked_on_both_sides(const MessageCase& c, const Story& s) {
  return c.mode() == Mode::two_way && c.policy.expunge && s.stays() && s.flags.contains(Flag::deleted);
}

bool wants_deletion_there(const MessageCase& c, const Story& s) {
  if (is_marked_on_both_sides(c, s)) return s.word != Word::rejected;
  return c.mode() == Mode::two_way && c.policy.on_local_delete != OnLocalDelete::keep && s.had_file() && s.here == Here::gone &&
         s.there != There::expunged && s.word != Word::rejected;
}

bool wants_deletion_here(const MessageCase& c, const Story& s) {
  return c.mode() != Mode::archive && s.had_file() && s.here != Here::gone && s.there == There::expunged &&
         s.word != Word::rejected;
}

template <class Wants>
std::set<std::uint32_t> held_of(const MessageCase& c, Wants wants) {
  std::set<std::uint32_t> going;
  std::uint64_t messages = 0;
  for (const auto& s : c.stories) {
    if (s.had_file()) ++messages;
    if (wants(c, s) && s.word != Word::approved) going.insert(s.number);
  }
  const auto& limits = c.policy.guard;
  const bool many = going.size() > limits.messages && going.size() * 100 > messages * limits.percent;
  const bool all = messages >= 10 && going.size() == messages;
  return many || all ? going : std::set<std::uint32_t>{};
}

Held held_in(const MessageCase& c) {
  Held held{held_of(c, wants_deletion_there), held_of(c, wants_deletion_here)};
  // `pull` can't bring back what the user rejects to lose: it stays as it is.
  for (const auto& s : c.stories)
    if (c.mode() == Mode::pull && s.had_file() && s.here != Here::gone && s.there == There::expunged && s.word == Word::rejected)
      held.here.insert(s.number);
  return held;
}

/// Whoever changed a flag has it his way.
FlagSet merged(const FlagSet& base, const FlagSet& there, const FlagSet& here) {
  const auto changed_there = (there - base) | (base - there);
  return (there & changed_there) | (here - changed_there);
}

class Expectation {
 public:
  explicit Expectation(const MessageCase& c) : case_(c), mode_(c.mode()), held_(held_in(c)) {}

  [[nodiscard]] const Held& held() const { return held_; }

  [[nodiscard]] Wanted of(const Story& s) const {
    switch (s.before) {
      case Before::nothing: return of_new(s);
      case Before::present: return of_present(s);
      case Before::pending: return s.there == There::expunged ? Wanted{} : fetched(s, s.there_delta.apply(s.flags));
      case Before::skipped:
      case Before::tombstone: break;
    }
    Wanted w;
    if (s.there != There::expunged) w.there = s.there_delta.apply(s.flags);
    return w;
  }

 private:
  [[nodiscard]] Wanted fetched(const Story& s, const FlagSet& flags) const {
    Wanted w;
    w.there = flags;
    if (!s.large || case_.policy.max_message_size == 0) w.here = flags;
    return w;
  }

  [[nodiscard]] Wanted of_new(const Story& s) const {
    if (s.here != Here::came) return fetched(s, s.flags);
    const auto here = s.here_delta.apply(s.flags);
    Wanted w;
    if (s.there == There::came) return adopted(s.flags, here);
    if (mode_ == Mode::archive)
      w.here = here;
    else if (mode_ == Mode::pull || s.dead_download)
      w.in_attic = true;
    else
      w.there = w.here = here;
    return w;
  }

  [[nodiscard]] Wanted adopted(const FlagSet& there, const FlagSet& here) const {
    Wanted w;
    w.there = mode_ == Mode::two_way ? there | here : there;
    w.here = mode_ == Mode::archive ? here : *w.there;
    return w;
  }

  [[nodiscard]] Wanted of_present(const Story& s) const {
    const bool alive = s.there != There::expunged;
    if (s.here == Here::gone) return alive ? gone_here(s) : Wanted{};
    const auto here = s.here_delta.apply(s.flags);
    if (!alive) return gone_there(s, here);
    const auto there = s.there_delta.apply(s.flags);
    Wanted w;
    const bool marked = is_marked_on_both_sides(case_, s) && !held_.there.contains(s.number);
    if (marked && s.word != Word::rejected) {
      w.in_attic = true;
      return w;
    }
    w.there = mode_ == Mode::two_way ? merged(s.flags, there, here) : there;
    if (marked) w.there = *w.there - FlagSet{Flag::deleted};
    w.here = mode_ == Mode::archive ? here : *w.there;
    return w;
  }

  [[nodiscard]] Wanted gone_here(const Story& s) const {
    const auto there = s.there_delta.apply(s.flags);
    const bool stays_there =
        mode_ == Mode::archive || case_.policy.on_local_delete == OnLocalDelete::keep || held_.there.contains(s.number);
    Wanted w;
    if (stays_there)
      w.there = there;
    else if (mode_ == Mode::pull || s.word == Word::rejected)
      w.there = w.here = there;
    else
      w.in_trash = case_.policy.on_local_delete == OnLocalDelete::trash;
    return w;
  }

  [[nodiscard]] Wanted gone_there(const Story& s, const FlagSet& here) const {
    Wanted w;
    if (mode_ == Mode::archive || held_.here.contains(s.number))
      w.here = here;
    else if (s.word == Word::rejected)
      w.there = w.here = here;
    else
      w.in_attic = true;
    return w;
  }

  const MessageCase& case_;
  Mode mode_;
  Held held_;
};

template <class Copies>
std::string compare(const Copies& copies, Content content, const std::optional<FlagSet>& wanted, std::string_view side) {
  std::size_t found = 0;
  const Copy* last = nullptr;
  for (const auto& [key, copy] : copies)
    if (copy.content == content) ++found, last = &copy;
  if (found != (wanted ? 1U : 0U))
    return fmt::format("message {} is {} time(s) {}, and should be {}", content, found, side, wanted ? 1 : 0);
  if (wanted && last->flags != *wanted)
    return fmt::format("message {} has ({}) {}, and should have ({})", content, last->flags.to_string(), side, wanted->to_string());
  return "";
}

std::string compare(const std::vector<Content>& contents, Content content, bool wanted, std::string_view place) {
  const auto found = std::count(contents.begin(), contents.end(), content);
  if (found == (wanted ? 1 : 0)) return "";
  return fmt::format("message {} is {} time(s) in the {}, and should be {}", content, found, place, wanted ? 1 : 0);
}

std::string compare(const MessageModel& model, const Story& s, const Wanted& wanted) {
  for (auto wrong :
       {compare(model.server, s.number, wanted.there, "there"), compare(model.files, s.number, wanted.here, "here"),
        compare(model.attic, s.number, wanted.in_attic, "attic"), compare(model.trash, s.number, wanted.in_trash, "trash")})
    if (!wrong.empty()) return wrong;
  return "";
}

std::string compare_held(const UidSet& held, const std::set<std::uint32_t>& wanted, const MessageCase& c) {
  std::set<std::uint32_t> numbers;
  // UIDs of the base are given in the order of the stories.
  std::uint32_t uid = 0;
  for (const auto& s : c.stories)
    if (s.in_base() && held.contains(Uid{++uid})) numbers.insert(s.number);
  if (numbers == wanted) return "";
  return fmt::format("{} deletion(s) are held, and {} should be", numbers.size(), wanted.size());
}

/// The base is what both sides have: no record outlives its message, unless the deletion is held, and flags are those of the
/// server.
std::string compare_base(const MessageModel& model, const Held& held, const MessageCase& c) {
  std::map<Uid, std::uint32_t> stories;
  std::uint32_t uid = 0;
  for (const auto& s : c.stories)
    if (s.in_base()) stories[Uid{++uid}] = s.number;
  for (const auto& [of, record] : model.records) {
    const auto story = stories.find(of);
    if (story != stories.end() && (held.here.contains(story->second) || held.there.contains(story->second))) continue;
    const auto message = model.server.find(of);
    if (message == model.server.end()) return fmt::format("the record of UID {} outlives its message", of.value());
    if (record.state == sync::BaseMessage::State::present && record.flags != message->second.flags)
      return fmt::format("the record of UID {} has ({}), and the server ({})", of.value(), record.flags.to_string(),
                         message->second.flags.to_string());
  }
  return "";
}

/// What a mode must never do, whatever the case.
std::string forbidden(Mode mode, const sync::Plan& plan) {
  if (mode != Mode::two_way && plan.writes_remotely()) return "something is written to the server";
  const bool changes_files = !plan.flag_locally.empty() || !plan.to_attic.empty() || !plan.files_to_attic.empty();
  if (mode == Mode::archive && changes_files) return "a file of an archive is touched";
  return "";
}

}  // namespace

std::string what_is_wrong(const MessageCase& c, const PlanFunction& plan) {
  constexpr int kRounds = 3;
  const Expectation expected(c);
  MessageModel model(c);
  bool brought_back = false;
  for (int round = 0; round < kRounds; ++round) {
    const auto seen = model.observe();
    const auto p = plan({seen.base, seen.remote, seen.local, c.policy, model.decisions(), seen.base_messages, model.checkpoint()});
    if (auto wrong = forbidden(c.mode(), p); !wrong.empty()) return wrong;
    for (auto wrong : {compare_held(p.held_remote, expected.held().there, c), compare_held(p.held_local, expected.held().here, c)})
      if (!wrong.empty()) return wrong;
    if (p.empty()) break;
    // What the user wants back is a new file for the round after.
    if (round == 1 && !brought_back) return "a second plan isn't empty";
    if (round == kRounds - 1) return "a third plan isn't empty";
    brought_back = !p.upload_again.empty();
    if (auto wrong = model.carry_out(p); !wrong.empty()) return wrong;
  }
  for (const auto& s : c.stories)
    if (auto wrong = compare(model, s, expected.of(s)); !wrong.empty()) return wrong;
  return compare_base(model, expected.held(), c);
}

}  // namespace mailmirror::planner
