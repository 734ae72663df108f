// What a server says must mean the same however the network cuts it, and never cost more memory than the limits say.
#include "tests/fuzz/require.hpp"
#include "tests/unit/imap/wire_support.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using namespace mailmirror::imap::wire;
using mailmirror::fuzz::require;

/// Cuts that look random, and are the same for the same input.
std::vector<std::size_t> cuts_of(std::string_view input) {
  std::uint32_t state = 2'166'136'261U;
  for (const char c : input) state = (state ^ static_cast<std::uint8_t>(c)) * 16'777'619U;
  std::vector<std::size_t> cuts;
  for (std::size_t at = 0; at < input.size();) {
    state = state * 1'664'525U + 1'013'904'223U;
    at += state >> 27U;
    if (at < input.size()) cuts.push_back(at);
  }
  return cuts;
}

void check_cuts(std::string_view input, const Limits& limits) {
  const auto whole = parse_at_once(input, limits);
  require(whole == parse_by_octets(input, limits), "single octets give the same events");
  require(whole == parse_cut_at(input, cuts_of(input), limits), "random pieces give the same events");
}

Limits tight() {
  Limits limits;
  limits.memory = 512;
  limits.literal = 64;
  limits.depth = 4;
  return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The recorder's own expectations count, too.
  GTEST_FLAG_SET(throw_on_failure, true);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_cuts(input, Limits{});
  check_cuts(input, tight());
  return 0;
}
