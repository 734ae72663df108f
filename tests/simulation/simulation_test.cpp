// Seeds that must pass, seeds that once failed, and bugs that must be caught.
#include "tests/simulation/simulation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace mailmirror::simulation {
namespace {

constexpr std::uint64_t kSeedsInAPart = 125;
constexpr std::uint64_t kLiveSeedsInAPart = 100;
constexpr std::uint64_t kModeSeedsInAPart = 125;
constexpr std::uint64_t kMostSeedsForABug = 2000;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

void expect_promises_kept(std::uint64_t seed, Manner manner = Manner::passes, Theme theme = Theme::plain) {
  RunOptions options;
  options.theme = theme;
  options.manner = manner;
  const auto schedule = schedule_for(seed, options);
  const auto outcome = run(schedule, options);
  EXPECT_TRUE(outcome.good()) << "seed " << seed << " (simulate --seed " << seed << (manner == Manner::live ? " --live" : "")
                              << (theme == Theme::modes ? " --theme modes" : "")
                              << " tells all of it):\n" << joined(outcome.complaints);
  if (seed % 20 == 0) {
    EXPECT_EQ(run(schedule, options).fingerprint, outcome.fingerprint) << "two runs of seed " << seed << " differ";
  }
}

/// Parts, so that they run at the same time.
class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, AnySchedule_KeepsEveryPromise) {
  for (std::uint64_t n = 1; n <= kSeedsInAPart; ++n) expect_promises_kept(GetParam() * kSeedsInAPart + n);
}

INSTANTIATE_TEST_SUITE_P(Simulation, Seeds, ::testing::Range(std::uint64_t{0}, std::uint64_t{16}));

class LiveSeeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(LiveSeeds, ListeningDevices_KeepEveryPromise) {
  for (std::uint64_t n = 1; n <= kLiveSeedsInAPart; ++n) expect_promises_kept(GetParam() * kLiveSeedsInAPart + n, Manner::live);
}

INSTANTIATE_TEST_SUITE_P(Simulation, LiveSeeds, ::testing::Range(std::uint64_t{0}, std::uint64_t{2}));

class ModeSeeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(ModeSeeds, DevicesThatPullOrArchive_KeepEveryPromise) {
  for (std::uint64_t n = 1; n <= kModeSeedsInAPart; ++n) expect_promises_kept(GetParam() * kModeSeedsInAPart + n, Manner::passes, Theme::modes);
}

INSTANTIATE_TEST_SUITE_P(Simulation, ModeSeeds, ::testing::Range(std::uint64_t{0}, std::uint64_t{2}));

/// Lines "SEED what it found" in a file of tests/data/simulation.
std::vector<std::uint64_t> seeds_in(const std::string& name) {
  std::ifstream file(MAILMIRROR_TEST_DATA "/simulation/" + name);
  std::vector<std::uint64_t> seeds;
  for (std::string line; std::getline(file, line);) {
    std::uint64_t seed = 0;
    if (std::istringstream(line) >> seed) seeds.push_back(seed);
  }
  return seeds;
}

TEST(Simulation, SeedsThatOnceFailed_KeepEveryPromise) {
  const auto seeds = seeds_in("regression-seeds");
  ASSERT_FALSE(seeds.empty());
  for (const auto seed : seeds) expect_promises_kept(seed);
}

TEST(Simulation, LiveSeedsThatOnceFailed_KeepEveryPromise) {
  const auto seeds = seeds_in("regression-live-seeds");
  ASSERT_FALSE(seeds.empty());
  for (const auto seed : seeds) expect_promises_kept(seed, Manner::live);
}

TEST(Simulation, SameSeed_TellsTheSameStory) {
  std::set<std::uint64_t> stories;
  for (const std::uint64_t seed : {11U, 12U, 13U}) {
    const auto schedule = schedule_from(seed);
    const auto first = run(schedule).fingerprint;
    EXPECT_EQ(run(schedule).fingerprint, first);
    stories.insert(first);
  }
  EXPECT_EQ(stories.size(), 3U) << "different seeds tell different stories";
}

/// The net holds: each of these bugs is found.
class Planted : public ::testing::TestWithParam<std::pair<PlantedBug, std::string_view>> {};

TEST_P(Planted, Bug_IsCaught) {
  RunOptions options;
  options.bug = GetParam().first;
  // Without an intent only bytes that arrive after the next look double a message.
  options.lines = options.bug == PlantedBug::intents_forgotten ? Lines::bad : Lines::good;
  if (options.bug == PlantedBug::pull_writes) options.theme = Theme::modes;
  const bool between_passes = options.bug == PlantedBug::news_unheard || options.bug == PlantedBug::local_news_unheard;
  options.manner = between_passes ? Manner::live : Manner::passes;
  std::uint64_t seed = 1;
  while (seed <= kMostSeedsForABug && run(schedule_for(seed, options), options).good()) ++seed;
  EXPECT_LE(seed, kMostSeedsForABug) << "nobody noticed";
  RecordProperty("caught_by_seed", static_cast<int>(seed));
}

INSTANTIATE_TEST_SUITE_P(Simulation, Planted, ::testing::ValuesIn(kPlantedBugs),
                         [](const auto& bug) { return std::string(bug.param.second); });

}  // namespace
}  // namespace mailmirror::simulation
