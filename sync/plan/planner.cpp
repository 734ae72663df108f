#include "sync/plan/planner.hpp"

#include "sync/plan/guard.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <unordered_map>

namespace mailmirror::sync {

bool Plan::empty() const {
  return adopt.empty() && download.empty() && upload.empty() && flag_locally.empty() && flag_remotely.empty() && record_flags.empty() &&
         expunge.empty() && trash.empty() && purge.empty() && to_attic.empty() && files_to_attic.empty() && forget.empty() && fetch_again.empty() &&
         upload_again.empty() && skip.empty();
}

bool Plan::writes_remotely() const {
  return !upload.empty() || !upload_again.empty() || !flag_remotely.empty() || !expunge.empty() || !trash.empty() || !purge.empty();
}

namespace {

using State = BaseMessage::State;

/// Collects the plan; one function a situation.
class Planner {
 public:
  explicit Planner(const PlannerInput& input)
      : in_(input), mode_(input.remote.writable == Writable::no && input.policy.mode == Mode::two_way ? Mode::pull : input.policy.mode) {
    for (const auto& change : in_.local.flagged) flagged_here_.emplace(change.uid, change.delta);
    for (const auto& file : in_.local.appeared)
      if (file.claims) claimants_.emplace(*file.claims, &file);
  }

  Plan run() {
    for (const auto& message : in_.remote.reported) {
      if (in_.remote.expunged.contains(message.uid)) continue;
      const auto known = in_.base.find(message.uid);
      if (known == in_.base.end())
        new_there(message);
      else
        reported_there(message, known->second);
    }
    in_.remote.expunged.for_each([&](Uid uid) { expunged_there(uid); });
    changed_only_here();
    for (const auto& file : in_.local.appeared) new_here(file);
    deleted_on_both_sides();
    hold_mass_deletions(in_, plan_);
    return std::move(plan_);
  }

 private:
  void new_there(const RemoteMessage& message) {
    const auto claimant = claimants_.find(message.uid);
    if (claimant != claimants_.end()) {
      adopted_.emplace(claimant->second, true);
      plan_.adopt.push_back({message, *claimant->second});
      merge_adopted(message.uid, message.flags, claimant->second->flags);
    } else {
      fetch_or_skip(message);
    }
  }

  /// What both had before isn't known: neither side's flags may be lost, except where one side is the truth.
  void merge_adopted(Uid uid, const FlagSet& there, const FlagSet& here) {
    switch (mode_) {
      case Mode::two_way:
        add(plan_.flag_locally, uid, {there - here, {}});
        add(plan_.flag_remotely, uid, {here - there, {}});
        return;
      case Mode::pull: return add(plan_.flag_locally, uid, FlagDelta::between(here, there));
      case Mode::archive: return add(plan_.record_flags, uid, {there - here, {}});
    }
  }

  void fetch_or_skip(const RemoteMessage& message) {
    const auto limit = in_.policy.max_message_size;
    if (limit != 0 && message.size > limit)
      plan_.skip.insert(message.uid);
    else
      plan_.download.push_back({message});
  }

  void reported_there(const RemoteMessage& message, const BaseMessage& base) {
    if (base.state == State::pending) return fetch_or_skip(message);
    if (base.state != State::present) return;
    if (in_.local.gone.contains(message.uid)) return gone_here(message);
    merge_flags(message.uid, base.flags, FlagDelta::between(base.flags, message.flags), delta_here(message.uid));
  }

  [[nodiscard]] FlagDelta delta_here(Uid uid) const {
    const auto found = flagged_here_.find(uid);
    return found == flagged_here_.end() ? FlagDelta{} : found->second;
  }

  /// Three-way, flag by flag: each side's change goes to the other; what both did needs only recording.
  void merge_flags(Uid uid, const FlagSet& base, const FlagDelta& there, const FlagDelta& here) {
    switch (mode_) {
      case Mode::two_way:
        add(plan_.flag_remotely, uid, {here.added - there.added, here.removed - there.removed});
        add(plan_.flag_locally, uid, {there.added - here.added, there.removed - here.removed});
        add(plan_.record_flags, uid, {there.added & here.added, there.removed & here.removed});
        return;
      case Mode::pull:
        // The file goes back to what the server has, whatever was done to it here.
        add(plan_.flag_locally, uid, FlagDelta::between(here.apply(base), there.apply(base)));
        add(plan_.record_flags, uid, {there.added & here.added, there.removed & here.removed});
        return;
      case Mode::archive:
        // A file once stored isn't touched again; the record follows the server, so that nothing is told twice.
        add(plan_.record_flags, uid, there);
        return;
    }
  }

  static void add(std::vector<FlagAction>& actions, Uid uid, FlagDelta delta) {
    if (!delta.empty()) actions.push_back({uid, std::move(delta)});
  }

  /// Gone here, alive there (changed or not): the deletion wins, as far as the policy lets it travel.
  void gone_here(const RemoteMessage& message) {
    if (mode_ == Mode::archive || in_.policy.on_local_delete == OnLocalDelete::keep) {
      plan_.skip.insert(message.uid);
    } else if (mode_ == Mode::pull || in_.decisions.rejected.contains(message.uid)) {
      plan_.fetch_again.insert(message.uid);
    } else if (in_.policy.on_local_delete == OnLocalDelete::trash) {
      plan_.trash.insert(message.uid);
    } else {
      plan_.expunge.insert(message.uid);
    }
  }

  void expunged_there(Uid uid) {
    const auto known = in_.base.find(uid);
    if (known == in_.base.end()) return;
    const bool file_is_here = known->second.state == State::present && !in_.local.gone.contains(uid);
    if (!file_is_here || mode_ == Mode::archive)
      plan_.forget.insert(uid);
    else if (in_.decisions.rejected.contains(uid))
      // Where nothing is uploaded it can only stay as it is.
      (mode_ == Mode::pull ? plan_.held_local : plan_.upload_again).insert(uid);
    else
      plan_.to_attic.insert(uid);
  }

  /// What the server didn't mention: changed here alone.
  void changed_only_here() {
    const auto mentioned = [this](Uid uid) {
      const auto& all = in_.remote.reported;
      const auto at = std::lower_bound(all.begin(), all.end(), uid, [](const RemoteMessage& m, Uid u) { return m.uid < u; });
      return (at != all.end() && at->uid == uid) || in_.remote.expunged.contains(uid);
    };
    for (const auto& [uid, delta] : in_.local.flagged) {
      const auto known = in_.base.find(uid);
      BOOST_ASSERT_MSG(known != in_.base.end(), "a flag change of a message without a record");
      if (!mentioned(uid) && known->second.state == State::present) merge_flags(uid, known->second.flags, {}, delta);
    }
    in_.local.gone.for_each([&](Uid uid) {
      const auto known = in_.base.find(uid);
      if (known != in_.base.end() && known->second.state == State::present && !mentioned(uid)) gone_here({uid, known->second.flags, 0, {}, {}});
    });
  }

  /// Both had it at the last pass, and neither takes it back now. A rejected one loses its mark.
  void deleted_on_both_sides() {
    if (!in_.policy.expunge || mode_ != Mode::two_way) return;
    for (const auto& [uid, message] : in_.base) {
      const bool marked = message.state == State::present && message.flags.contains(Flag::deleted);
      if (!marked || in_.local.gone.contains(uid) || in_.remote.expunged.contains(uid) || unmarked(uid)) continue;
      if (!in_.decisions.rejected.contains(uid)) {
        plan_.purge.insert(uid);
        continue;
      }
      unmark(plan_.flag_locally, uid);
      unmark(plan_.flag_remotely, uid);
    }
  }

  [[nodiscard]] bool unmarked(Uid uid) const {
    const auto takes_it = [uid](const FlagAction& action) { return action.uid == uid && action.delta.removed.contains(Flag::deleted); };
    return std::any_of(plan_.flag_locally.begin(), plan_.flag_locally.end(), takes_it) ||
           std::any_of(plan_.flag_remotely.begin(), plan_.flag_remotely.end(), takes_it) ||
           std::any_of(plan_.record_flags.begin(), plan_.record_flags.end(), takes_it);
  }

  static void unmark(std::vector<FlagAction>& actions, Uid uid) {
    const auto at = std::lower_bound(actions.begin(), actions.end(), uid, [](const FlagAction& a, Uid u) { return a.uid < u; });
    if (at != actions.end() && at->uid == uid)
      at->delta.removed.insert(Flag::deleted);
    else
      actions.insert(at, {uid, {{}, FlagSet{Flag::deleted}}});
  }

  /// A download that was cut before its record was written, and whose message was expunged meanwhile (hard case 10).
  [[nodiscard]] bool is_of_a_dead_message(const NewFile& file) const {
    if (!file.ours || *file.ours < in_.checkpoint || in_.base.contains(*file.ours)) return false;
    return std::none_of(in_.remote.reported.begin(), in_.remote.reported.end(), [&](const auto& m) { return m.uid == *file.ours; });
  }

  void new_here(const NewFile& file) {
    if (adopted_.contains(&file)) return;
    if (mode_ == Mode::two_way && is_of_a_dead_message(file)) return plan_.files_to_attic.push_back(file);
    if (mode_ == Mode::two_way) plan_.upload.push_back({file});
    if (mode_ == Mode::pull) plan_.files_to_attic.push_back(file);
  }

  const PlannerInput& in_;
  Mode mode_;
  Plan plan_;
  std::unordered_map<Uid, FlagDelta> flagged_here_;
  std::unordered_map<Uid, const NewFile*> claimants_;
  std::unordered_map<const NewFile*, bool> adopted_;
};

}  // namespace

Plan plan(const PlannerInput& input) { return Planner(input).run(); }

}  // namespace mailmirror::sync
