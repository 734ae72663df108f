// The process dies before and after every durable step of a pass that has everything to do, and the next pass always reaches the
// same end.
#include "tests/servers/busy_scenario.hpp"

#include <cstdlib>
#include <fstream>
#include <random>

namespace mailmirror::testing {
namespace {

/// Pauses by design (a settle time of five seconds) take a quarter of one.
constexpr long kHaste = 20;
/// A profile's steps are dealt out to so many tests, which run side by side.
constexpr std::size_t kParts = 8;
/// Every step with all extensions; with the others one in so many, unless MAILMIRROR_EVERY_STEP is set.
constexpr std::size_t kOneIn = 6;

/// A pass that is let live: "1 mkdir", "2 fsync", …
std::vector<std::string> steps_of_a_pass(Setting setting) {
  World world(setting);
  BusyScenario scenario(world);
  const auto notes = world.device.folder() / "steps";
  world.device.meddling = Meddling{.haste = kHaste, .steps = notes};
  EXPECT_TRUE(passes(world.device));
  world.device.meddling = {};
  EXPECT_TRUE(scenario.came_out_right());
  std::ifstream file(notes);
  std::vector<std::string> steps;
  for (std::string line; std::getline(file, line);) steps.push_back(line);
  return steps;
}

/// One pass after the other dies; that after them has to bring all to its end. How many did die: threads, or what is left to be
/// done, may come to fewer steps than were counted.
std::size_t die_and_go_on(Setting setting, const std::vector<std::size_t>& deaths) {
  World world(setting);
  BusyScenario scenario(world);
  std::size_t died = 0;
  for (const auto step : deaths) {
    world.device.meddling = Meddling{.dies_at = step, .haste = kHaste};
    const auto killed = world.device.once();
    EXPECT_TRUE(killed.code == kDiedAtStep || killed.code == 0) << killed;
    if (killed.code == kDiedAtStep) ++died;
  }
  world.device.meddling = Meddling{.haste = kHaste};
  // Without UIDPLUS a message that was marked \Deleted just before the end holds up an EXPUNGE of others, and says so, until it
  // went.
  if (setting.profile == Profile::no_uidplus)
    for (int n = 0; n < 2; ++n) static_cast<void>(world.device.once());
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(scenario.came_out_right());
  return died;
}

std::vector<Setting> killed_settings() {
  return {{Profile::everything}, {Profile::no_uidplus}, {Profile::no_condstore}, {Profile::everything, Layout::maildir_plus_plus}};
}

class KilledStep : public ::testing::TestWithParam<std::tuple<Setting, std::size_t>> {};
INSTANTIATE_TEST_SUITE_P(All, KilledStep,
                         ::testing::Combine(::testing::ValuesIn(killed_settings()), ::testing::Range<std::size_t>(0, kParts)),
                         [](const auto& test) {
                           std::ostringstream name;
                           name << std::get<0>(test.param) << "_part" << std::get<1>(test.param);
                           return name.str();
                         });

TEST_P(KilledStep, OfAPassWithEverythingToDo_NextPassComesOutRight) {
  const auto& [setting, part] = GetParam();
  const auto steps = steps_of_a_pass(setting);
  ASSERT_GT(steps.size(), 150U) << "the steps aren't seen any more";
  const bool all = setting.profile == Profile::everything && setting.layout == Layout::nested;
  const std::size_t stride = all || std::getenv("MAILMIRROR_EVERY_STEP") != nullptr ? kParts : kParts * kOneIn;
  for (std::size_t at = part; at < steps.size() && !HasFailure(); at += stride) {
    SCOPED_TRACE("died at step " + steps[at]);
    const auto died = die_and_go_on(setting, {at + 1});
    EXPECT_TRUE(died == 1 || at > steps.size() * 3 / 4);
  }
}

class KilledAgain : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, KilledAgain, ::testing::Range<std::uint64_t>(1, 9));

/// What mends a cut pass is cut, too.
TEST_P(KilledAgain, WhileItMends_NextPassComesOutRight) {
  std::mt19937_64 engine(GetParam());
  const auto settings = killed_settings();
  const auto setting = settings[GetParam() % settings.size()];
  const auto steps = steps_of_a_pass(setting).size();
  std::vector<std::size_t> deaths;
  std::string trace = "died at steps";
  for (int n = 0; n < 4; ++n) {
    deaths.push_back(1 + engine() % steps);
    trace += " " + std::to_string(deaths.back());
  }
  SCOPED_TRACE(trace);
  EXPECT_GE(die_and_go_on(setting, deaths), 1U);
}

}  // namespace
}  // namespace mailmirror::testing
