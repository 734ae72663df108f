#include "tests/unit/imap/script.hpp"

#include "imap/transport/deflate.hpp"
#include "sync/base/task_scope.hpp"
#include "tests/unit/imap/transport_support.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace mailmirror::testing {
namespace {

using imap::client::Session;
using imap::client::SessionOptions;
using imap::transport::MemorySettings;
using imap::transport::Transport;

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'r' || text[i + 1] == 'n');
    plain += !escape ? text[i] : text[i + 1] == 'r' ? '\r' : '\n';
    i += escape ? 1U : 0U;
  }
  return plain;
}

Step parse_step(const std::string& line) {
  if (line.starts_with("S: ")) return {Step::Kind::say, line.substr(3) + "\r\n"};
  if (line.starts_with("S~ ")) return {Step::Kind::say, unescaped(line.substr(3))};
  if (line.starts_with("C: ")) return {Step::Kind::hear, line.substr(3)};
  if (line.starts_with("WAIT ")) return {Step::Kind::wait, line.substr(5)};
  if (line == "TLS") return {Step::Kind::tls, ""};
  if (line == "DEFLATE") return {Step::Kind::deflate, ""};
  if (line == "HANG") return {Step::Kind::hang, ""};
  throw std::logic_error("no such step: " + line);
}

}  // namespace

std::vector<Step> parse_script(std::string_view script) {
  std::vector<Step> steps;
  std::istringstream lines{std::string(script)};
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) steps.push_back(parse_step(line));
  return steps;
}

struct ScriptedServer::Stage {
  explicit Stage(Clock& c) : clock(c) {}

  Task<Result<std::string>> read_line() {
    while (true) {
      const auto end = unread.find("\r\n");
      if (end != std::string::npos) {
        auto line = unread.substr(0, end);
        unread.erase(0, end + 2);
        co_return line;
      }
      auto more = co_await read_text(*line);
      MAILMIRROR_CO_TRY(more);
      if (more->empty()) co_return fail(ErrorKind::network, "the client left");
      unread += *more;
    }
  }

  Clock& clock;
  std::unique_ptr<Transport> line;
  std::string unread;
  std::size_t played = 0;
  std::string complaint;
};

ScriptedServer::ScriptedServer(World& world, std::string_view script, MemorySettings line, std::optional<TlsIdentity> identity)
    : world_(world), steps_(parse_script(script)), line_(line), identity_(std::move(identity)) {}

Task<Result<std::unique_ptr<Transport>>> ScriptedServer::connect(std::string, std::uint16_t) {
  auto [near, far] = imap::transport::memory_pair(world_.io.get_executor(), line_);
  stage_ = std::make_shared<Stage>(world_.clock);
  stage_->line = std::move(far);
  asio::co_spawn(world_.io, play(stage_, steps_, identity_), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  co_return std::move(near);
}

Task<void> ScriptedServer::play(std::shared_ptr<Stage> stage, std::vector<Step> steps, std::optional<TlsIdentity> identity) {
  for (const auto& step : steps) {
    const bool good = co_await play_step(*stage, step, identity);
    if (!good) break;
    ++stage->played;
  }
  stage->line->close();
}

Task<bool> ScriptedServer::play_step(Stage& stage, const Step& step, const std::optional<TlsIdentity>& identity) {
  switch (step.kind) {
    case Step::Kind::say: {
      const auto written = co_await stage.line->write_all(bytes_of(step.text));
      co_return written.has_value();
    }
    case Step::Kind::hear: {
      const auto line = co_await stage.read_line();
      if (line && *line != step.text) stage.complaint = "expected: " + step.text + "\ngot:      " + *line;
      co_return line&&* line == step.text;
    }
    case Step::Kind::tls: {
      auto peer = std::make_unique<TlsPeer>(std::move(stage.line), identity.value());
      auto& tls = *peer;
      stage.line = std::move(peer);
      const bool accepted = co_await tls.accept();
      co_return accepted;
    }
    case Step::Kind::deflate: stage.line = imap::transport::wrap_deflate(std::move(stage.line), {}); co_return true;
    case Step::Kind::wait: co_await stage.clock.sleep(std::chrono::seconds(std::stoi(step.text))); co_return true;
    case Step::Kind::hang: co_await stage.clock.sleep(std::chrono::hours(1)); co_return true;
  }
  co_return false;
}

std::string ScriptedServer::complaint() const {
  if (!stage_) return "the client never came";
  if (!stage_->complaint.empty()) return stage_->complaint;
  return stage_->played == steps_.size()
             ? ""
             : "the client ended before the script did, after " + std::to_string(stage_->played) + " steps";
}

SessionOptions plain_options() {
  SessionOptions options;
  options.server.host = "localhost";
  options.server.port = 143;
  options.server.tls = imap::client::TlsMode::none;
  options.login.user = "user";
  options.login.secret = "pencil";
  return options;
}

std::string login_script(std::string_view capabilities) {
  const auto all = "CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN " + std::string(capabilities);
  return "S: * OK [" + all + "] ready\nC: m1 AUTHENTICATE PLAIN AHVzZXIAcGVuY2ls\nS: m1 OK in\nC: m2 CAPABILITY\nS: * " + all +
         "\nS: m2 OK\n";
}

Result<void> perform(World& world, ScriptedServer& server, const SessionOptions& options, const Act& act) {
  auto whole = [&]() -> Task<Result<void>> {
    imap::client::Environment environment{world.clock, world.pool, world.random, server, null_log()};
    auto session = co_await imap::client::open_session(std::move(environment), options);
    MAILMIRROR_CO_TRY(session);
    Result<void> outcome = ok();
    auto body = [&](TaskGroup& group) -> Task<void> {
      group.spawn((*session)->run());
      outcome = co_await act(**session);
      (*session)->close();
    };
    co_await run_in_group(body);
    co_return outcome;
  };
  const auto outcome = world.run(whole());
  // The server ends, too.
  world.drain();
  return outcome;
}

namespace {
constexpr std::uint64_t kRandomSplits = 3;
}

void expect_conversation(std::string_view script, const Act& act, const SessionOptions& options) {
  const auto steps = parse_script(script).size();
  MemorySettings whole;
  MemorySettings single;
  single.largest_read = 1;
  std::vector<std::pair<std::string, MemorySettings>> lines{{"in one piece", whole}, {"in single bytes", single}};
  for (std::uint64_t seed = 1; seed <= kRandomSplits; ++seed) {
    lines.emplace_back("split at random, seed " + std::to_string(seed), whole);
    lines.back().second.split_seed = seed;
  }
  for (const auto& [how, line] : lines) {
    SCOPED_TRACE(how);
    World world;
    ScriptedServer server(world, script, line);
    const auto outcome = perform(world, server, options, act);
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(server.complaint(), "");
  }
  for (std::size_t cut = 0; cut < steps; ++cut) {
    SCOPED_TRACE("cut after " + std::to_string(cut) + " steps");
    World world;
    ScriptedServer server(world, script);
    server.end_after(cut);
    const auto started = world.clock.steady_now();
    const auto outcome = perform(world, server, options, act);
    EXPECT_TRUE(outcome || !outcome.error().message.empty());
    EXPECT_LT(world.clock.steady_now() - started, std::chrono::minutes(10));
  }
}

Error expect_failure(std::string_view script, const Act& act, const SessionOptions& options) {
  World world;
  ScriptedServer server(world, script);
  const auto outcome = perform(world, server, options, act);
  EXPECT_FALSE(outcome) << "it should have failed";
  EXPECT_EQ(server.complaint(), "");
  return outcome.has_error() ? outcome.error() : Error();
}

Task<Result<void>> nothing_more(Session&) {
  co_return ok();
}

}  // namespace mailmirror::testing
