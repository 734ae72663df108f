#include "tests/support/device.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace mailmirror::testing {
namespace {

/// Where the build put a program; the environment may name another one.
std::string program(const char* variable, const char* built) {
  const char* chosen = std::getenv(variable);
  const fs::path path = chosen != nullptr ? chosen : built;
  if (!fs::exists(path)) throw HarnessError(path.string() + " isn't built");
  return path.string();
}

std::string daemon_program() {
  return program("MAILMIRROR_DAEMON", MAILMIRROR_DAEMON_PATH);
}
std::string control_program() {
  return program("MAILMIRROR_CLI", MAILMIRROR_CLI_PATH);
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

void preload(const Meddling& meddling, std::map<std::string, std::string>& environment) {
  environment["LD_PRELOAD"] = MAILMIRROR_DAEMON_SHIM;
  environment["MAILMIRROR_DIES_AT"] = std::to_string(meddling.dies_at);
  environment["MAILMIRROR_HASTE"] = std::to_string(meddling.haste);
  if (!meddling.steps.empty()) environment["MAILMIRROR_STEPS"] = meddling.steps.string();
  // A build with ASan wants to be loaded first, though it works as well after something that has no sanitizer.
  const char* const chosen = std::getenv("ASAN_OPTIONS");
  environment["ASAN_OPTIONS"] = (chosen == nullptr ? std::string() : std::string(chosen) + ":") + "verify_asan_link_order=0";
}

/// The programs are installed side by side, but built apart.
std::string path_with(const std::string& program) {
  const char* const path = std::getenv("PATH");
  return fs::path(program).parent_path().string() + ":" + (path == nullptr ? "/usr/bin:/bin" : path);
}

void chown_all(const fs::path& path, UserIds owner) {
  if (::lchown(path.c_str(), owner.user, owner.group) != 0) throw_errno("chown " + path.string());
}

}  // namespace

ExitCode MirrorProcess::stop(Milliseconds limit) {
  process_.signal(SIGTERM);
  const auto code = process_.wait_for(limit);
  if (!code) throw HarnessError("mailmirrord doesn't stop on SIGTERM; it said:\n" + errors());
  return *code;
}

Device::Device(AccountConfig config) : account(std::move(config)) {
  if (account.maildir.empty()) account.maildir = folder() / "Mail" / account.name;
  fs::create_directories(account.maildir);
}

LocalMaildir Device::maildir() const {
  return {account.maildir, account.layout};
}

void Device::give_to(UserIds owner) const {
  chown_all(folder(), owner);
  for (const auto& entry : fs::recursive_directory_iterator(folder())) chown_all(entry.path(), owner);
}

void Device::write_config() const {
  const std::string password = account.password.empty() ? "" : "\npassword = " + toml_string(account.password);
  const std::string table = "[account." + account.name + "]\n";
  write_file(config_file(), "[daemon]\nstate_dir = " + toml_string(state_folder().string()) +
                                "\nsocket = " + toml_string(socket().string()) + "\n" + more_daemon + "\n" + table +
                                "host = " + toml_string(account.host) + "\nport = " + std::to_string(account.port) +
                                "\nuser = " + toml_string(account.user) + password + "\ntls = " + toml_string(account.tls) +
                                "\nmaildir = " + toml_string(account.maildir.string()) +
                                "\nlayout = " + toml_string(to_string(account.layout)) + "\n" + account.more + "\n" + more_tables);
  fs::permissions(config_file(), fs::perms(0600));
  if (run_as) chown_all(config_file(), *run_as);
}

std::string Device::reachable(const std::string& program) const {
  if (!run_as) return program;
  // The build may lie where another user can't go.
  const fs::path copy = folder() / fs::path(program).filename();
  if (!fs::exists(copy)) fs::copy_file(program, copy);
  return copy.string();
}

Command Device::daemon_command(const std::vector<std::string>& arguments) const {
  write_config();
  Command command{.arguments = {reachable(daemon_program()), "--config", config_file().string()},
                  .environment = {{"HOME", folder().string()}, {"XDG_RUNTIME_DIR", (folder() / "run").string()}},
                  .run_as = run_as};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  if (meddling) preload(*meddling, command.environment);
  return command;
}

Command Device::control_command(const std::vector<std::string>& arguments) const {
  Command command{.arguments = {reachable(control_program()), "--config", config_file().string()},
                  .environment = {{"HOME", folder().string()}, {"NO_COLOR", "1"}, {"PATH", path_with(reachable(daemon_program()))}},
                  .run_as = run_as};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

RunResult Device::once(Milliseconds limit) const {
  return run(daemon_command({"--once"}), limit);
}

MirrorProcess Device::start(const std::vector<std::string>& arguments) const {
  Command command = daemon_command(arguments);
  command.errors = folder() / "daemon.log";
  write_file(command.errors, "");
  return {command, command.errors};
}

MirrorProcess Device::start_daemon() const {
  MirrorProcess daemon = start();
  const bool answers = eventually(Milliseconds(15'000), [&] {
    if (!daemon.process().running()) throw HarnessError("mailmirrord ended at once; it said:\n" + daemon.errors());
    return fs::exists(socket()) && control({"status", "--json"}).code == 0;
  });
  if (!answers) throw HarnessError("mailmirrord's control socket doesn't answer; it said:\n" + daemon.errors());
  return daemon;
}

RunResult Device::control(const std::vector<std::string>& arguments, Milliseconds limit) const {
  return run(control_command(arguments), limit);
}

Subprocess Device::start_control(const std::vector<std::string>& arguments, const fs::path& output, const fs::path& input) const {
  Command command = control_command(arguments);
  command.input = input;
  command.output = output;
  command.errors = folder() / "control.err";
  write_file(output, "");
  write_file(command.errors, "");
  return Subprocess(command);
}

fs::path Device::daemon_path() {
  return daemon_program();
}

fs::path Device::control_path() {
  return control_program();
}

std::string Device::path_with_programs() {
  return path_with(daemon_program());
}

RunResult Device::daemon(const std::vector<std::string>& arguments) {
  Command command{.arguments = {daemon_program()}};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return run(std::move(command));
}

}  // namespace mailmirror::testing
