#include "cli/login.hpp"

#include "cli/hand_over.hpp"
#include "cli/text.hpp"
#include "daemon/control/client.hpp"
#include "daemon/control/socket_path.hpp"

#include <fmt/format.h>

namespace mailmirror::cli {
namespace {

using daemon::control::Client;
using daemon::control::Json;
using namespace std::chrono_literals;

constexpr auto kPatience = 300s;

/// Flow: reload, since [oauth2] may be new in the configuration → sync, which wakes an account that waits for its user.
Result<void> wake(Client& daemon, const std::string& account) {
  const auto reloaded = daemon.call("reload", Json::object(), kPatience);
  MAILMIRROR_TRY(reloaded);
  const auto woken = daemon.call("sync", {{"targets", {account}}}, kPatience);
  MAILMIRROR_TRY(woken);
  return ok();
}

int tell(const Arguments& arguments, const Terminal& terminal, std::string_view daemon, const std::string& words) {
  const Json json{{"account", arguments.operands.front()}, {"signed_in", true}, {"daemon", daemon}};
  terminal.out.write(arguments.form == Form::json ? json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n' : words + '\n');
  return kDone;
}

}  // namespace

Result<int> log_in(const Arguments& arguments, const Terminal& terminal, const Environment& environment, int interrupt) {
  const auto& account = arguments.operands.front();
  std::vector<std::string> words{"--login", account};
  if (arguments.config) words.insert(words.end(), {"--config", *arguments.config});
  if (!arguments.way.empty()) words.push_back("--" + arguments.way);
  const auto ended = hand_over(words, interrupt);
  MAILMIRROR_TRY(ended);
  if (*ended != kDone) return *ended;
  auto socket = arguments.socket ? Result<std::filesystem::path>(*arguments.socket)
                                 : daemon::control::socket_path(arguments.config, environment);
  MAILMIRROR_TRY(socket);
  auto daemon = Client::connect(*socket, interrupt);
  if (!daemon) return tell(arguments, terminal, "absent", "No daemon runs; it goes on by itself once it is started.");
  const auto woken = wake(*daemon, account);
  if (woken) return tell(arguments, terminal, "told", fmt::format("The daemon goes on with {}.", account));
  terminal.err.write(wrap("mailmirror: ", printable("the running daemon didn't take it up: " + woken.error().message), 2,
                          terminal.err.look().width));
  return tell(arguments, terminal, "failed", "Once that is mended, run: mailmirror reload");
}

}  // namespace mailmirror::cli
