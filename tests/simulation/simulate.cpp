// Runs simulated worlds: ranges of seeds, one seed with everything told, or without end.
#include "tests/simulation/simulation.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

namespace {

using namespace mailmirror::simulation;

struct Range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

Range range_of(const std::string& text) {
  const auto dash = text.find('-');
  const auto first = std::stoull(text);
  return {first, dash == std::string::npos ? first : std::stoull(text.substr(dash + 1))};
}

std::string readable(const std::string& line) {
  std::string text;
  for (const char c : line)
    if (c == '\n')
      text += "\\n";
    else if (c != '\r')
      text += c;
  return text;
}

bool run_seed(std::uint64_t seed, bool tell) {
  RunOptions options;
  if (tell) options.trace = [](const std::string& line) { fmt::print("{}\n", readable(line)); };
  const auto schedule = schedule_from(seed);
  const auto outcome = run(schedule, options);
  // One in twenty is run again: the same seed must tell the same story.
  const bool same = seed % 20 != 0 || run(schedule).fingerprint == outcome.fingerprint;
  if (!same) fmt::print("seed {}: NOT DETERMINISTIC\n", seed);
  for (const auto& complaint : outcome.complaints) fmt::print("seed {}: {}\n", seed, complaint);
  return same && outcome.good();
}

int run_range(Range range) {
  const auto started = std::chrono::steady_clock::now();
  std::uint64_t failed = 0;
  for (auto seed = range.first; seed <= range.last; ++seed) {
    failed += run_seed(seed, false) ? 0 : 1;
    std::fflush(stdout);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const auto count = range.last - range.first + 1;
  fmt::print("{} schedules, {} failed, {:.0f} a minute on this core\n", count, failed, static_cast<double>(count) / took.count() * 60);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description all("Usage: simulate [--seeds FROM-TO | --seed N]");
  all.add_options()("help", "this text")("seeds", po::value<std::string>(), "run these seeds: 1-2000")(
      "seed", po::value<std::uint64_t>(), "run one seed and tell everything that happens");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, all), given);
  if (given.count("seed") != 0) return run_seed(given["seed"].as<std::uint64_t>(), true) ? 0 : 1;
  if (given.count("seeds") != 0) return run_range(range_of(given["seeds"].as<std::string>()));
  std::cout << all;
  return 2;
}
