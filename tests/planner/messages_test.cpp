// 100,000 mailboxes that both sides changed: what the planner makes of each, against the semantics' table.
#include "tests/planner/message_oracle.hpp"

#include <gtest/gtest.h>

namespace mailmirror::planner {
namespace {

using sync::Plan;
using sync::PlannerInput;

TEST(GeneratedMailbox, PlannedAndCarriedOut_EveryPromiseHolds) {
  const Seeds seeds(100'000);
  for (auto seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const auto c = make_message_case(seed);
    if (what_is_wrong(c, sync::plan).empty()) continue;
    const auto small = smallest(c, [](const MessageCase& tried) { return !what_is_wrong(tried, sync::plan).empty(); });
    FAIL() << "MAILMIRROR_SEED=" << seed << ": " << what_is_wrong(small, sync::plan) << "\n" << describe(small);
  }
}

/// A planner with a fault.
struct Fault {
  const char* name;
  void (*spoil)(const PlannerInput& input, Plan& plan);
};
void PrintTo(const Fault& fault, std::ostream* stream) {
  *stream << fault.name;
}

template <class T>
void drop_last(std::vector<T>& actions) {
  if (!actions.empty()) actions.pop_back();
}
void drop_last(UidSet& uids) {
  if (!uids.empty()) uids.erase(UidSet{uids.highest()});
}

const Fault kFaults[] = {
    {"DownloadDropped", [](const PlannerInput&, Plan& p) { drop_last(p.download); }},
    {"DownloadedTwice",
     [](const PlannerInput&, Plan& p) {
       if (!p.download.empty()) p.download.push_back(p.download.front());
     }},
    {"UploadDropped", [](const PlannerInput&, Plan& p) { drop_last(p.upload); }},
    {"UploadedTwice",
     [](const PlannerInput&, Plan& p) {
       if (!p.upload.empty()) p.upload.push_back(p.upload.front());
     }},
    {"AdoptionDropped", [](const PlannerInput&, Plan& p) { drop_last(p.adopt); }},
    {"AdoptedFileIsDownloadedToo",
     [](const PlannerInput&, Plan& p) {
       for (const auto& a : p.adopt) p.download.push_back({a.message});
     }},
    {"AdoptedFileIsUploadedToo",
     [](const PlannerInput&, Plan& p) {
       for (const auto& a : p.adopt) p.upload.push_back({a.file});
     }},
    {"FlagDroppedHere", [](const PlannerInput&, Plan& p) { drop_last(p.flag_locally); }},
    {"FlagDroppedThere", [](const PlannerInput&, Plan& p) { drop_last(p.flag_remotely); }},
    {"FlagsNeverCleared",
     [](const PlannerInput&, Plan& p) {
       for (auto& a : p.flag_remotely) a.delta.removed = {};
     }},
    {"AgreementNotRecorded", [](const PlannerInput&, Plan& p) { p.record_flags.clear(); }},
    {"ExpungeDropped", [](const PlannerInput&, Plan& p) { drop_last(p.expunge); }},
    {"TrashIsExpunge", [](const PlannerInput&, Plan& p) { p.expunge = p.expunge | p.trash, p.trash = {}; }},
    {"DeletionWithoutTheAttic", [](const PlannerInput&, Plan& p) { p.forget = p.forget | p.to_attic, p.to_attic = {}; }},
    {"AdditionInPullStays", [](const PlannerInput&, Plan& p) { p.files_to_attic.clear(); }},
    {"MarkedOnBothSidesStays", [](const PlannerInput&, Plan& p) { p.purge = {}; }},
    {"ExpungedWithoutTheAttic", [](const PlannerInput&, Plan& p) { p.expunge = p.expunge | p.purge, p.purge = {}; }},
    {"RecordStays", [](const PlannerInput&, Plan& p) { p.forget = {}; }},
    {"GoneFileNotFetchedAgain", [](const PlannerInput&, Plan& p) { p.fetch_again = {}; }},
    {"RejectedDeletionIsNotUndone",
     [](const PlannerInput&, Plan& p) { p.to_attic = p.to_attic | p.upload_again, p.upload_again = {}; }},
    {"LimitIgnored",
     [](const PlannerInput& in, Plan& p) {
       for (const auto& m : in.remote.reported)
         if (p.skip.contains(m.uid)) p.download.push_back({m});
       p.skip = {};
     }},
    {"GuardIgnoredThere", [](const PlannerInput&, Plan& p) { p.expunge = p.expunge | p.held_remote, p.held_remote = {}; }},
    {"GuardIgnoredHere", [](const PlannerInput&, Plan& p) { p.to_attic = p.to_attic | p.held_local, p.held_local = {}; }},
    {"OneTooManyHeld",
     [](const PlannerInput&, Plan& p) {
       if (p.expunge.empty()) return;
       p.held_remote.insert(p.expunge.lowest());
       p.expunge.erase(UidSet{p.expunge.lowest()});
     }},
    {"FlagBeatsTheDeletion",
     [](const PlannerInput& in, Plan& p) {
       for (const auto& f : in.local.flagged) {
         if (!p.to_attic.contains(f.uid)) continue;
         p.to_attic.erase(UidSet{f.uid});
         p.upload_again.insert(f.uid);
       }
     }},
    {"TombstoneIsFetched",
     [](const PlannerInput& in, Plan& p) {
       for (const auto& m : in.remote.reported) {
         const auto known = in.base.find(m.uid);
         if (known != in.base.end() && known->second.state == sync::BaseMessage::State::tombstone) p.download.push_back({m});
       }
     }},
    {"WrittenThoughReadOnly",
     [](const PlannerInput& in, Plan& p) {
       if (in.remote.writable == sync::Writable::yes) return;
       for (const auto& f : p.files_to_attic) p.upload.push_back({f});
     }},
};

class PlantedFault : public ::testing::TestWithParam<Fault> {};
INSTANTIATE_TEST_SUITE_P(All, PlantedFault, ::testing::ValuesIn(kFaults),
                         [](const auto& test) { return std::string(test.param.name); });

/// The net holds: a fault is seen within so many cases, and told by a few messages.
TEST_P(PlantedFault, InThePlanner_IsSeenAndShrunk) {
  constexpr std::uint64_t kCases = 2'000;
  const auto faulty = [](const PlannerInput& input) {
    auto plan = sync::plan(input);
    GetParam().spoil(input, plan);
    return plan;
  };
  const auto fails = [&](const MessageCase& c) { return !what_is_wrong(c, faulty).empty(); };
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    auto c = make_message_case(seed);
    if (!fails(c)) continue;
    const auto small = smallest(std::move(c), fails);
    EXPECT_LE(small.stories.size(), 5U) << describe(small);
    return;
  }
  ADD_FAILURE() << "not seen in " << kCases << " cases";
}

}  // namespace
}  // namespace mailmirror::planner
