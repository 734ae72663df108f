// Runs simulated worlds: a range of seeds, one seed with everything told, a failing one made short, or without end.
#include "tests/simulation/shrink.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace mailmirror::simulation;
using Clock = std::chrono::steady_clock;

struct Range {
  std::uint64_t first = 1;
  std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
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

void print(const std::string& line) {
  fmt::print("{}\n", readable(line));
}

PlantedBug bug_named(const std::string& name) {
  const auto found = std::find_if(kPlantedBugs.begin(), kPlantedBugs.end(), [&](const auto& bug) { return bug.second == name; });
  if (found == kPlantedBugs.end()) throw std::runtime_error("no planted bug is called " + name);
  return found->first;
}

Theme theme_named(const std::string& name) {
  if (name == "plain") return Theme::plain;
  if (name == "modes") return Theme::modes;
  if (name == "restored") return Theme::restored;
  throw std::runtime_error("no theme is called " + name);
}

/// For the handler of SIGABRT: a failed assertion says nothing of the seed.
std::atomic<std::uint64_t> current_seed{0};

void tell_seed(int) {
  char text[64];
  const auto end = fmt::format_to_n(text, sizeof text, "seed {}: a failed assertion ended the program\n", current_seed.load());
  static_cast<void>(!::write(STDOUT_FILENO, text, end.size));
}

/// True: all promises were kept. One in twenty is run twice: the same seed must tell the same story.
bool run_seed(std::uint64_t seed, const RunOptions& options) {
  current_seed = seed;
  const auto schedule = schedule_for(seed, options);
  const auto outcome = run(schedule, options);
  const bool same = seed % 20 != 0 || run(schedule, options).fingerprint == outcome.fingerprint;
  if (!same) fmt::print("seed {}: two runs differ\n", seed);
  for (const auto& complaint : outcome.complaints) fmt::print("seed {}: {}\n", seed, complaint);
  std::fflush(stdout);
  return same && outcome.good();
}

struct Work {
  Range seeds;
  std::uint64_t stride = 1;
  Clock::time_point end;
  RunOptions options;
};

int work_off(const Work& work) {
  const auto started = Clock::now();
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  for (auto seed = work.seeds.first; seed <= work.seeds.last && Clock::now() < work.end; seed += work.stride, ++done)
    failed += run_seed(seed, work.options) ? 0 : 1;
  const std::chrono::duration<double> took = Clock::now() - started;
  fmt::print("{} schedules, {} failed, {:.0f} a minute on this core\n", done, failed, static_cast<double>(done) / took.count() * 60);
  return failed == 0 ? 0 : 1;
}

/// A process for each core, each with its share of the seeds.
int work_off_on_all_cores(Work work, unsigned cores) {
  std::vector<pid_t> children;
  for (unsigned n = 0; n < cores; ++n) {
    std::fflush(stdout);
    const auto child = ::fork();
    if (child == 0) {
      work.seeds.first += n;
      work.stride = cores;
      const auto result = work_off(work);
      std::fflush(stdout);
      ::_exit(result);
    }
    children.push_back(child);
  }
  bool good = true;
  for (const auto child : children) {
    int status = 0;
    good = ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 && good;
  }
  return good ? 0 : 1;
}

int shrink(std::uint64_t seed, const RunOptions& options) {
  auto schedule = schedule_for(seed, options);
  if (run(schedule, options).good()) {
    fmt::print("seed {} breaks no promise\n", seed);
    return 0;
  }
  schedule = shrunk(std::move(schedule), options, [](std::size_t left) { fmt::print(stderr, "{} events left\n", left); });
  auto telling = options;
  telling.trace = print;
  run(schedule, telling);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description all("Usage: simulate --seed N | --seeds FROM-TO | --for SECONDS [--from N] | --shrink N");
  all.add_options()("help", "this text")("seed", po::value<std::uint64_t>(), "run one seed and tell everything that happens")(
      "seeds", po::value<std::string>(), "run these seeds: 1-2000")("for", po::value<unsigned>(), "run seeds for so many seconds")(
      "from", po::value<std::uint64_t>()->default_value(1), "the first seed of --for")(
      "shrink", po::value<std::uint64_t>(), "leave out of a failing seed what isn't needed for the failure, and tell the rest")(
      "theme", po::value<std::string>()->default_value("plain"), "what it is about: plain, modes, restored")(
      "live", "devices listen, in place of passes by chance")("bad-lines", "connections break all the time")(
      "bug", po::value<std::string>(), "plant this bug (planted_bug.hpp)")(
      "jobs", po::value<unsigned>()->default_value(std::max(1U, std::thread::hardware_concurrency())), "processes for --seeds and --for");
  std::signal(SIGABRT, tell_seed);
  // Line by line: a failed assertion mustn't take the story before it along.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, all), given);
    RunOptions options;
    if (given.count("bug") != 0) options.bug = bug_named(given["bug"].as<std::string>());
    options.theme = theme_named(given["theme"].as<std::string>());
    if (given.count("live") != 0) options.manner = Manner::live;
    if (given.count("bad-lines") != 0) options.lines = Lines::bad;
    const auto jobs = given["jobs"].as<unsigned>();
    if (given.count("shrink") != 0) return shrink(given["shrink"].as<std::uint64_t>(), options);
    if (given.count("seeds") != 0)
      return work_off_on_all_cores({range_of(given["seeds"].as<std::string>()), 1, Clock::time_point::max(), options}, jobs);
    if (given.count("for") != 0) {
      Range from;
      from.first = given["from"].as<std::uint64_t>();
      return work_off_on_all_cores({from, 1, Clock::now() + std::chrono::seconds(given["for"].as<unsigned>()), options}, jobs);
    }
    if (given.count("seed") != 0) {
      options.trace = print;
      return run_seed(given["seed"].as<std::uint64_t>(), options) ? 0 : 1;
    }
    std::cout << all;
    return 2;
  } catch (const std::exception& failure) {
    std::cerr << "simulate: " << failure.what() << '\n';
    return 2;
  }
}
