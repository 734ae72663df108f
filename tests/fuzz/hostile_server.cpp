#include "tests/fuzz/hostile_server.hpp"

#include "sync/base/timeout.hpp"

#include <array>

namespace mailmirror::fuzz {
namespace {

constexpr char kEndOfTurn = '|';
constexpr char kTag = '`';
constexpr auto kPatience = std::chrono::seconds(1);

std::string with_tag(std::string_view turn, std::string_view tag) {
  std::string text;
  for (const char c : turn)
    if (c == kTag)
      text += tag;
    else
      text += c;
  return text;
}

}  // namespace

struct HostileServer::Stage {
  Stage(testing::World& world, std::unique_ptr<imap::transport::Transport> end)
      : clock(world.clock), line(std::move(end)), heard(world.io.get_executor()) {}

  /// The first word of each line may be a tag ("m12"); a literal's lines seldom look so.
  void note(std::string_view bytes) {
    for (const char c : bytes) {
      at_start = at_start && c != ' ';
      if (at_start && c != '\r' && c != '\n') word += c;
      if (c == ' ' && word.starts_with('m')) tag = word;
      if (c != '\n' && c != ' ') continue;
      at_start = c == '\n';
      word.clear();
    }
    ++times;
    heard.notify();
  }

  Task<Result<void>> wait_to_be_spoken_to() {
    while (times == answered && !gone) co_await heard.wait();
    co_return ok();
  }

  Clock& clock;
  std::unique_ptr<imap::transport::Transport> line;
  Event heard;
  std::string tag = "m1";
  std::string word;
  bool at_start = true;
  bool gone = false;
  std::size_t times = 0;
  std::size_t answered = 0;
};

Task<Result<std::unique_ptr<imap::transport::Transport>>> HostileServer::connect(std::string, std::uint16_t) {
  auto [near, far] = imap::transport::memory_pair(world_.io.get_executor(), line_);
  const auto stage = std::make_shared<Stage>(world_, std::move(far));
  const auto rethrow = [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  };
  asio::co_spawn(world_.io, hear(stage), rethrow);
  asio::co_spawn(world_.io, speak(stage, script_, ending_), rethrow);
  co_return std::move(near);
}

Task<void> HostileServer::hear(std::shared_ptr<Stage> stage) {
  std::array<std::byte, 4096> buffer{};
  while (!stage->gone) {
    const auto count = co_await stage->line->read_some(buffer);
    stage->gone = !count || *count == 0;
    stage->note({reinterpret_cast<const char*>(buffer.data()), stage->gone ? 0 : *count});
  }
}

Task<void> HostileServer::speak(std::shared_ptr<Stage> stage, std::string_view script, Ending ending) {
  while (!script.empty() && !stage->gone) {
    const auto end = script.find(kEndOfTurn);
    const auto turn = with_tag(script.substr(0, end), stage->tag);
    script.remove_prefix(end == script.npos ? script.size() : end + 1);
    stage->answered = stage->times;
    const auto written = co_await stage->line->write_all(std::as_bytes(std::span(turn)));
    if (!written) break;
    auto listening = stage->wait_to_be_spoken_to();
    const auto due = stage->clock.steady_now() + kPatience;
    co_await with_deadline(stage->clock, due, "the client", std::move(listening));
  }
  if (ending == Ending::closes) stage->line->close();
}

}  // namespace mailmirror::fuzz
