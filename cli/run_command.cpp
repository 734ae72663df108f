#include "cli/run_command.hpp"

#include "cli/hand_over.hpp"
#include "cli/login.hpp"
#include "cli/progress_bar.hpp"
#include "cli/render_event.hpp"
#include "cli/render_history.hpp"
#include "cli/render_results.hpp"
#include "cli/render_status.hpp"
#include "cli/text.hpp"
#include "cli/words.hpp"
#include "daemon/control/client.hpp"
#include "daemon/control/documents.hpp"
#include "daemon/control/socket_path.hpp"

#include <fmt/format.h>

namespace mailmirror::cli {
namespace {

using daemon::control::Client;
using daemon::control::Json;
using namespace std::chrono_literals;

/// Questions that the daemon answers from memory.
constexpr auto kPatience = 30s;
/// Orders that wait for what is under way.
constexpr auto kLongPatience = 300s;

class Runner {
 public:
  Runner(const Arguments& arguments, const Terminal& terminal, Client& daemon)
      : arguments_(arguments), terminal_(terminal), daemon_(daemon) {}

  Result<int> run() {
    const auto& name = arguments_.command->name;
    if (name == "status") return status();
    if (name == "sync") return arguments_.wait == Wait::yes ? sync_and_wait() : start_sync();
    if (name == "watch") return watch();
    if (name == "pause" || name == "resume") return pause_or_resume();
    if (name == "held") return held();
    if (name == "approve" || name == "reject") return decide();
    if (name == "log") return log();
    if (name == "undo") return arguments_.undo.list ? list_removals() : undo();
    if (name == "reload") return reload();
    return stop();
  }

 private:
  Result<int> status() {
    const auto result = call(account(), kPatience);
    MAILMIRROR_TRY(result);
    if (arguments_.form == Form::json) return tell(*result, "");
    const auto document = daemon::control::status_from_json(*result);
    MAILMIRROR_TRY(document);
    return tell(*result, render_status(*document, std::chrono::system_clock::now(), terminal_.out.look()));
  }

  Result<int> start_sync() {
    const auto result = call({{"targets", arguments_.operands}}, kPatience);
    MAILMIRROR_TRY(result);
    return tell(*result, "a pass begins ('--wait' waits for its end)\n");
  }

  Result<int> sync_and_wait() {
    ProgressBar bar(terminal_.err);
    const auto result = call({{"targets", arguments_.operands}, {"wait", true}}, std::nullopt, [&bar](const Json& json) {
      if (const auto event = daemon::control::event_from_json(json)) bar.show(*event);
    });
    bar.clear();
    MAILMIRROR_TRY(result);
    const auto outcome = daemon::control::outcome_from_json(*result);
    MAILMIRROR_TRY(outcome);
    for (const auto& problem : outcome->problems) complain(problem);
    tell(*result, render_outcome(*outcome));
    return outcome->ok ? kDone : kFailed;
  }

  Result<int> watch() {
    const auto show = [this](const Json& json) {
      if (arguments_.form == Form::json)
        return terminal_.out.write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n');
      const auto event = daemon::control::event_from_json(json);
      if (event)
        terminal_.out.write(render_event(*event, terminal_.out.look()));
      else
        complain(event.error().message);
    };
    const auto result = call({{"events", arguments_.events}}, kPatience, show);
    MAILMIRROR_TRY(result);
    return daemon_.listen(show);
  }

  Result<int> pause_or_resume() {
    const auto result = call(account(), kLongPatience);
    MAILMIRROR_TRY(result);
    const auto what = arguments_.operands.empty() ? std::string("every account") : arguments_.operands.front();
    return tell(*result, fmt::format("{}: {}\n", arguments_.command->name == "pause" ? "paused" : "resumed", what));
  }

  Result<int> held() {
    const auto result = call(account(), kPatience);
    MAILMIRROR_TRY(result);
    const auto mailboxes = daemon::control::held_from_json(*result);
    MAILMIRROR_TRY(mailboxes);
    return tell(*result, render_held(*mailboxes, terminal_.out.look()));
  }

  Result<int> decide() {
    const auto& target = arguments_.operands.front();
    const auto result = call({{"targets", {target}}}, kPatience);
    MAILMIRROR_TRY(result);
    const auto count = result->is_object() ? result->value("messages", Json()) : Json();
    const auto messages = counted(count.is_number_unsigned() ? count.get<std::uint64_t>() : 0, "message");
    return tell(*result, arguments_.command->name == "approve"
                             ? fmt::format("approved: {} of {} will be deleted\n", messages, target)
                             : fmt::format("rejected: {} of {} will come back\n", messages, target));
  }

  Result<int> log() { return show_passes(account()); }

  /// The method's name isn't the command's: the same history, only passes that removed something.
  Result<int> list_removals() {
    auto params = account();
    params["removals"] = true;
    if (!arguments_.undo.mailbox.empty()) params["mailbox"] = arguments_.undo.mailbox;
    return show_passes(params);
  }

  Result<int> show_passes(const Json& params) {
    const auto result = daemon_.call("log", params, kPatience);
    MAILMIRROR_TRY(result);
    const auto passes = daemon::control::passes_from_json(*result);
    MAILMIRROR_TRY(passes);
    return tell(*result, render_passes(*passes, terminal_.out.look()));
  }

  Result<int> undo() {
    const auto& wanted = arguments_.undo;
    auto params = account();
    if (!wanted.mailbox.empty()) params["mailbox"] = wanted.mailbox;
    if (wanted.pass) params["pass"] = *wanted.pass;
    if (wanted.since) params["since"] = daemon::control::to_iso(*wanted.since);
    params["dry_run"] = wanted.dry_run;
    const auto result = call(params, std::nullopt);
    MAILMIRROR_TRY(result);
    const auto outcome = daemon::control::undo_from_json(*result);
    MAILMIRROR_TRY(outcome);
    tell(*result, render_undo(*outcome));
    return outcome->lost == 0 ? kDone : kFailed;
  }

  Result<int> reload() {
    const auto result = call(Json::object(), kLongPatience);
    MAILMIRROR_TRY(result);
    const auto message = result->is_object() ? result->value("message", Json()) : Json();
    return tell(*result, fmt::format("reloaded: {}\n", message.is_string() ? printable(message.get<std::string>()) : "done"));
  }

  /// The connection's end tells that the daemon is gone; it may even come before the answer.
  Result<int> stop() {
    auto result = call(Json::object(), kPatience);
    if (!result && result.error().kind != ErrorKind::network) return result.error();
    const auto answer = result ? *result : Json{{"ok", true}};
    if (result && !daemon_.wait_for_end(kPatience))
      return tell(answer, "the daemon is stopping; it still finishes what it was at\n");
    return tell(answer, "stopped\n");
  }

  [[nodiscard]] Json account() const {
    return arguments_.operands.empty() ? Json::object() : Json{{"account", arguments_.operands.front()}};
  }

  Result<Json> call(const Json& params, Client::Patience patience, const Client::OnEvent& on_event = {}) {
    return daemon_.call(arguments_.command->name, params, patience, on_event);
  }

  int tell(const Json& json, const std::string& words) {
    terminal_.out.write(arguments_.form == Form::json ? json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n' : words);
    return kDone;
  }

  void complain(const std::string& what) { terminal_.err.write(fmt::format("mailmirror: {}\n", printable(what))); }

  const Arguments& arguments_;
  const Terminal& terminal_;
  Client& daemon_;
};

int status_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::network:
    case ErrorKind::timeout: return kNoDaemon;
    case ErrorKind::configuration:
    case ErrorKind::unsupported: return kUsage;
    default: return kFailed;
  }
}

/// What mailmirrord is started with: the command as an option, first.
std::vector<std::string> words_for_program(const Arguments& arguments) {
  std::vector<std::string> words{fmt::format("--{}", arguments.command->name)};
  words.insert(words.end(), arguments.operands.begin(), arguments.operands.end());
  if (arguments.config) words.insert(words.end(), {"--config", *arguments.config});
  if (arguments.form == Form::json) words.emplace_back("--json");
  return words;
}

Result<int> connect_and_run(const Arguments& arguments, const Terminal& terminal, const Environment& environment, int interrupt) {
  if (arguments.command->name == "login") return log_in(arguments, terminal, environment, interrupt);
  if (arguments.command->worker != Worker::daemon) return hand_over(words_for_program(arguments), interrupt);
  auto socket = arguments.socket ? Result<std::filesystem::path>(*arguments.socket)
                                 : daemon::control::socket_path(arguments.config, environment);
  MAILMIRROR_TRY(socket);
  auto client = Client::connect(*socket, interrupt);
  MAILMIRROR_TRY(client);
  return Runner(arguments, terminal, *client).run();
}

/// What only mailmirrord's program can do; no daemon has to run.
Result<int> take_over(const Arguments& arguments, int interrupt) {
  std::vector<std::string> words{"--import"};
  words.insert(words.end(), arguments.operands.begin(), arguments.operands.end());
  if (arguments.dry_run) words.emplace_back("--dry-run");
  if (arguments.config) words.insert(words.end(), {"--config", *arguments.config});
  return hand_over(words, interrupt);
}

}  // namespace

int run_command(const Arguments& arguments, const Terminal& terminal, const Environment& environment, int interrupt) {
  const auto done = arguments.command->name == "import" ? take_over(arguments, interrupt)
                                                        : connect_and_run(arguments, terminal, environment, interrupt);
  if (done) return *done;
  terminal.err.write(wrap("mailmirror: ", printable(done.error().message), 2, terminal.err.look().width));
  return status_for(done.error().kind);
}

}  // namespace mailmirror::cli
