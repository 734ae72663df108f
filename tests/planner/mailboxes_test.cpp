// Generated lists of mailboxes: what the server lists, the base knew and the Maildir holds, and what has to become of each name.
#include "sync/plan/mailbox_planner.hpp"
#include "tests/planner/generate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace mailmirror::planner {
namespace {

using sync::BaseMailbox;
using sync::FolderKind;
using sync::LocalFolder;
using sync::MailboxPlan;
using sync::RemoteMailbox;
using sync::Selectable;

/// One name, and what stands at its directory.
struct Place {
  MailboxName name;
  std::string directory;
  bool included = true;
  bool in_base = false;
  bool deletable = false;  ///< by `delete_mailboxes`
  std::optional<Selectable> there;
  std::optional<FolderKind> here;
};

struct MailboxCase {
  std::vector<Place> places;
};

MailboxCase make_mailbox_case(std::uint64_t seed) {
  Chance chance(seed);
  MailboxCase c;
  for (const char* name : {"INBOX", "a", "a/b", "c", "d", "e"}) {
    if (chance.one_in(3)) continue;
    Place p{MailboxName(name), name, !chance.one_in(5), chance.one_in(2), chance.one_in(3), {}, {}};
    if (!chance.one_in(3)) p.there = chance.one_in(4) ? Selectable::no : Selectable::yes;
    if (!chance.one_in(3)) p.here = chance.one_in(4) ? FolderKind::container : FolderKind::folder;
    // On some file systems two names are one directory.
    if (p.name.utf8() == "e") p.directory = "d", p.here = {};
    c.places.push_back(std::move(p));
  }
  // Servers list in any order.
  for (std::size_t n = c.places.size(); n > 1; --n)
    std::swap(c.places[n - 1], c.places[chance.below(static_cast<std::uint32_t>(n))]);
  return c;
}

/// The three lists, and what carrying a plan out makes of them.
struct Model {
  explicit Model(const MailboxCase& c) {
    for (const auto& p : c.places) {
      if (p.included) included.insert(p.name);
      if (p.there) remote.push_back({p.name, *p.there, p.directory});
      if (p.here) local.push_back({p.directory, *p.here, p.name});
      // The base maps one to one.
      const bool taken = std::any_of(base.begin(), base.end(), [&](const auto& b) { return b.directory == p.directory; });
      if (p.in_base && !taken) base.push_back({p.name, p.directory, 1, p.deletable});
    }
  }

  [[nodiscard]] sync::MailboxPlannerInput input() const { return {remote, base, local, included}; }
  [[nodiscard]] bool knows(const MailboxName& name) const {
    return std::any_of(base.begin(), base.end(), [&](const auto& b) { return b.name == name; });
  }
  [[nodiscard]] std::optional<FolderKind> at(const std::string& directory) const {
    for (const auto& folder : local)
      if (folder.directory == directory) return folder.kind;
    return std::nullopt;
  }
  [[nodiscard]] bool lists(const MailboxName& name) const {
    return std::any_of(remote.begin(), remote.end(),
                       [&](const auto& m) { return m.name == name && m.selectable == Selectable::yes; });
  }

  void carry_out(const MailboxPlan& plan) {
    for (const auto* names : {&plan.forget, &plan.mirror_again})
      std::for_each(names->begin(), names->end(), [&](const auto& n) { forget(n); });
    for (const auto& name : plan.deleted_there) {
      const auto known = std::find_if(base.begin(), base.end(), [&](const auto& b) { return b.name == name; });
      if (known != base.end()) std::erase_if(local, [&](const auto& f) { return f.directory == known->directory; });
      forget(name);
    }
    for (const auto& name : plan.deleted_here) {
      std::erase_if(remote, [&](const auto& m) { return m.name == name; });
      forget(name);
    }
    for (const auto& mailbox : plan.create_folder) {
      std::erase_if(local, [&](const auto& f) { return f.directory == mailbox.directory; });
      local.push_back({mailbox.directory, FolderKind::folder, mailbox.name});
    }
    for (const auto& folder : plan.create_mailbox) {
      std::erase_if(remote, [&](const auto& m) { return m.name == folder.name; });
      remote.push_back({folder.name, Selectable::yes, folder.directory});
    }
    for (const auto& mailbox : plan.synchronize)
      if (!knows(mailbox.name)) base.push_back({mailbox.name, mailbox.directory, 1, false});
  }

  std::vector<RemoteMailbox> remote;
  std::vector<BaseMailbox> base;
  std::vector<LocalFolder> local;
  std::set<MailboxName> included;

 private:
  void forget(const MailboxName& name) {
    std::erase_if(base, [&](const auto& b) { return b.name == name; });
  }
};

enum class Fate { nothing, forgotten, mirrored, mirrored_again, folder_made, mailbox_made, deleted_there, deleted_here, held };

Fate fate_in(const MailboxPlan& plan, const MailboxName& name) {
  const auto has = [&](const auto& all) {
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  };
  const auto names = [&](const auto& all) { return std::count(all.begin(), all.end(), name) != 0; };
  if (has(plan.held)) return Fate::held;
  if (names(plan.deleted_there)) return Fate::deleted_there;
  if (names(plan.deleted_here)) return Fate::deleted_here;
  if (names(plan.mirror_again)) return has(plan.create_folder) && has(plan.synchronize) ? Fate::mirrored_again : Fate::nothing;
  if (names(plan.forget)) return Fate::forgotten;
  if (has(plan.create_folder)) return has(plan.synchronize) ? Fate::folder_made : Fate::nothing;
  if (has(plan.create_mailbox)) return has(plan.synchronize) ? Fate::mailbox_made : Fate::nothing;
  return has(plan.synchronize) ? Fate::mirrored : Fate::nothing;
}

/// By the table; a directory that another mailbox owns holds whoever came later.
Fate wanted_fate(const Model& model, const Place& p, bool owns_directory) {
  const bool known = model.knows(p.name);
  const auto here = model.at(p.directory);
  if (!p.included) return known ? Fate::forgotten : Fate::nothing;
  if (p.there == Selectable::yes) {
    if (!owns_directory) return Fate::held;
    if (here == FolderKind::folder) return Fate::mirrored;
    if (known && here == FolderKind::container) return Fate::held;
    if (known && p.deletable && !p.name.is_inbox()) return Fate::deleted_here;
    return known ? Fate::mirrored_again : Fate::folder_made;
  }
  if (known && !here) return Fate::forgotten;
  if (known) return p.name.is_inbox() ? Fate::held : Fate::deleted_there;
  return p.here == FolderKind::folder && owns_directory ? Fate::mailbox_made : Fate::nothing;
}

using PlanFunction = std::function<MailboxPlan(const sync::MailboxPlannerInput&)>;

/// The mailbox of the base, as long as it stands on either side; else the first that the server lists; else the folder itself.
bool owns(const MailboxCase& c, const Model& model, const Place& p) {
  const auto rank = [&](const Place& q) {
    if (q.directory != p.directory || !q.included) return 0;
    if (model.knows(q.name) && (q.there == Selectable::yes || model.at(q.directory))) return 3;
    return q.there == Selectable::yes ? 2 : q.here ? 1 : 0;
  };
  const auto owner =
      std::max_element(c.places.begin(), c.places.end(), [&](const Place& a, const Place& b) { return rank(a) < rank(b); });
  return &*owner == &p;
}

std::string what_is_wrong(const MailboxCase& c, const PlanFunction& plan_of) {
  Model model(c);
  const auto plan = plan_of(model.input());
  for (const auto& p : c.places) {
    const auto fate = fate_in(plan, p.name);
    const auto wanted = wanted_fate(model, p, owns(c, model, p));
    if (fate != wanted)
      return fmt::format("{}: fate {}, and should be {}", p.name.utf8(), static_cast<int>(fate), static_cast<int>(wanted));
  }
  model.carry_out(plan);
  // What had to wait for a directory has its turn after that.
  if (!plan.held.empty()) model.carry_out(plan_of(model.input()));
  const auto again = plan_of(model.input());
  const bool still = again.forget.empty() && again.mirror_again.empty() && again.create_folder.empty() &&
                     again.create_mailbox.empty() && again.deleted_there.empty() && again.deleted_here.empty();
  if (!still) return "a second plan isn't empty";
  std::set<std::string> directories;
  for (const auto& mailbox : again.synchronize) {
    if (!model.lists(mailbox.name) || model.at(mailbox.directory) != FolderKind::folder)
      return mailbox.name.utf8() + " isn't on both sides";
    if (!directories.insert(mailbox.directory).second) return mailbox.directory + " belongs to two mailboxes";
  }
  return "";
}

std::string describe(const MailboxCase& c) {
  std::string text;
  for (const auto& p : c.places)
    text += fmt::format("  {} in {}:{}{}{}{}\n", p.name.utf8(), p.directory, p.included ? "" : " excluded,",
                        p.in_base ? (p.deletable ? " in the base, deletable," : " in the base,") : "",
                        !p.there                      ? ""
                        : *p.there == Selectable::yes ? " listed,"
                                                      : " \\Noselect,",
                        !p.here                         ? ""
                        : *p.here == FolderKind::folder ? " folder"
                                                        : " container");
  return text;
}

TEST(GeneratedMailboxes, PlannedAndCarriedOut_EachHasItsFateAndASecondPlanIsEmpty) {
  const Seeds seeds(50'000);
  for (auto seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    auto c = make_mailbox_case(seed);
    if (what_is_wrong(c, sync::plan_mailboxes).empty()) continue;
    c = without_needless(
        std::move(c), [](MailboxCase& m) -> std::vector<Place>& { return m.places; },
        [](const MailboxCase& tried) { return !what_is_wrong(tried, sync::plan_mailboxes).empty(); });
    FAIL() << "MAILMIRROR_SEED=" << seed << ": " << what_is_wrong(c, sync::plan_mailboxes) << "\n" << describe(c);
  }
}

struct MailboxFault {
  const char* name;
  void (*spoil)(MailboxPlan& plan);
};
void PrintTo(const MailboxFault& fault, std::ostream* stream) {
  *stream << fault.name;
}

const MailboxFault kFaults[] = {
    {"AbsenceIsADeletion", [](MailboxPlan& p) { p.deleted_there.insert(p.deleted_there.end(), p.forget.begin(), p.forget.end()); }},
    {"DeletionIsForgotten",
     [](MailboxPlan& p) {
       p.forget.insert(p.forget.end(), p.deleted_there.begin(), p.deleted_there.end());
       p.deleted_there.clear();
     }},
    {"HeldIsMirrored",
     [](MailboxPlan& p) {
       for (const auto& one : p.held) p.synchronize.push_back({one.name, Selectable::yes, one.name.utf8()});
       p.held.clear();
     }},
    {"FolderNotMade", [](MailboxPlan& p) { p.create_folder.clear(); }},
    {"MailboxNotMade", [](MailboxPlan& p) { p.create_mailbox.clear(); }},
    {"DirectoryDeletedHereComesAgain",
     [](MailboxPlan& p) {
       p.mirror_again.insert(p.mirror_again.end(), p.deleted_here.begin(), p.deleted_here.end());
       p.deleted_here.clear();
     }},
    {"BaseKeptOverAGoneDirectory", [](MailboxPlan& p) { p.mirror_again.clear(); }},
};

class PlantedMailboxFault : public ::testing::TestWithParam<MailboxFault> {};
INSTANTIATE_TEST_SUITE_P(All, PlantedMailboxFault, ::testing::ValuesIn(kFaults),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(PlantedMailboxFault, InThePlanner_IsSeen) {
  const auto faulty = [](const sync::MailboxPlannerInput& input) {
    auto plan = sync::plan_mailboxes(input);
    GetParam().spoil(plan);
    return plan;
  };
  for (std::uint64_t seed = 1; seed <= 500; ++seed)
    if (!what_is_wrong(make_mailbox_case(seed), faulty).empty()) return;
  ADD_FAILURE() << "not seen in 500 cases";
}

}  // namespace
}  // namespace mailmirror::planner
