// How fast what a server says becomes values: read as from a network, in pieces of 64 KiB.
#include "imap/wire/parser.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using namespace mailmirror::imap::wire;

constexpr std::size_t kRead = 64 * 1024;

struct Seen {
  std::size_t responses = 0;
  std::uint64_t body_octets = 0;
};

void take(const Event& event, Seen& seen) {
  if (std::holds_alternative<Response>(event)) ++seen.responses;
  if (const auto* const data = std::get_if<BodyData>(&event)) seen.body_octets += data->bytes.size();
}

/// `amount` of something went by in each iteration.
void show_rate(benchmark::State& state, const char* what, std::size_t amount) {
  state.counters[what] = benchmark::Counter(static_cast<double>(amount), benchmark::Counter::kIsIterationInvariantRate);
}

Seen parse(std::string_view text) {
  ResponseParser parser;
  Seen seen;
  while (!text.empty()) {
    const auto piece = text.substr(0, kRead);
    text.remove_prefix(piece.size());
    std::memcpy(parser.prepare(kRead).data(), piece.data(), piece.size());
    parser.commit(piece.size());
    while (true) {
      const auto event = parser.next();
      // A benchmark of errors would look splendid.
      if (!event) std::abort();
      if (!*event) break;
      take(**event, seen);
    }
  }
  return seen;
}

/// Lines that `line(n)` makes, all in one stream.
template <class Line>
void measure_lines(benchmark::State& state, std::size_t count, Line line) {
  std::string text;
  for (std::size_t n = 1; n <= count; ++n) text += line(n) + "\r\n";
  for (auto _ : state)
    if (parse(text).responses != count) state.SkipWithError("responses are missing");
  show_rate(state, "lines", count);
  show_rate(state, "octets", text.size());
}

void fetch_flags(benchmark::State& state) {
  measure_lines(state, 100'000, [](std::size_t n) {
    return "* " + std::to_string(n) + " FETCH (UID " + std::to_string(n + 100'000) + " FLAGS (\\Seen \\Answered) MODSEQ (1234567))";
  });
}
BENCHMARK(fetch_flags);

void fetch_flags_with_keywords(benchmark::State& state) {
  measure_lines(state, 100'000, [](std::size_t n) {
    return "* " + std::to_string(n) + " FETCH (UID " + std::to_string(n + 100'000) + " FLAGS (\\Seen $Label1 NonJunk project-x))";
  });
}
BENCHMARK(fetch_flags_with_keywords);

void fetch_summaries(benchmark::State& state) {
  measure_lines(state, 20'000, [](std::size_t n) {
    const auto header = "Message-ID: <" + std::to_string(n) + ".4711@mail.example>\r\n\r\n";
    return "* " + std::to_string(n) + " FETCH (UID " + std::to_string(n + 100'000) +
           " FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4711 BODY[HEADER.FIELDS (MESSAGE-ID)] {" +
           std::to_string(header.size()) + "}\r\n" + header + ")";
  });
}
BENCHMARK(fetch_summaries);

void list(benchmark::State& state) {
  measure_lines(state, 50'000, [](std::size_t n) {
    return "* LIST (\\HasNoChildren \\Sent) \"/\" \"Archive/Entw&APw-rfe " + std::to_string(n) + "\"";
  });
}
BENCHMARK(list);

void bodies(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto count = std::max<std::size_t>(1, 16 * 1024 * 1024 / size);
  std::string text;
  for (std::size_t n = 1; n <= count; ++n) {
    text += "* " + std::to_string(n) + " FETCH (UID " + std::to_string(n) + " BODY[] {" + std::to_string(size) + "}\r\n";
    text.append(size, 'x').append(")\r\n");
  }
  for (auto _ : state)
    if (parse(text).body_octets != count * size) state.SkipWithError("octets are missing");
  show_rate(state, "octets", count * size);
}
BENCHMARK(bodies)->Arg(4 * 1024)->Arg(64 * 1024)->Arg(16 * 1024 * 1024);

void vanished(benchmark::State& state) {
  const auto ranges = static_cast<std::size_t>(state.range(0));
  std::string text = "* VANISHED (EARLIER) 1";
  for (std::size_t n = 1; n < ranges; ++n) text += ',' + std::to_string(10 * n) + ':' + std::to_string(10 * n + 5);
  text += "\r\n";
  for (auto _ : state)
    if (parse(text).responses != 1) state.SkipWithError("it isn't there");
  show_rate(state, "ranges", ranges);
}
BENCHMARK(vanished)->Arg(100'000);

void search(benchmark::State& state) {
  std::string text = "* SEARCH";
  for (std::size_t n = 1; n <= 100'000; ++n) text += ' ' + std::to_string(1'000'000 + n);
  text += "\r\n";
  for (auto _ : state)
    if (parse(text).responses != 1) state.SkipWithError("it isn't there");
  show_rate(state, "numbers", 100'000);
}
BENCHMARK(search);

}  // namespace
