// mailmirrord: reads its command line and configuration, then runs one pass or stays.
#include "daemon/account/account_options.hpp"
#include "daemon/account/once.hpp"
#include "daemon/config/load.hpp"
#include "daemon/doctor/doctor.hpp"
#include "daemon/import/run_import.hpp"
#include "daemon/main/daemon.hpp"
#include "daemon/main/logging.hpp"
#include "daemon/main/login_run.hpp"
#include "daemon/main/once_run.hpp"
#include "daemon/main/options.hpp"
#include "daemon/main/stop_signals.hpp"
#include "daemon/main/terminal.hpp"
#include "daemon/setup/setup_options.hpp"
#include "daemon/setup/wizard.hpp"
#include "imap/transport/tcp.hpp"
#include "store/files/real_disk.hpp"
#include "sync/base/environment.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>

namespace mailmirror::daemon {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kLocked = 75;
/// Files are made durable from many threads at once: one after the other costs four times as much.
constexpr std::size_t kStoreThreads = 16;

void say(const std::string& text) { fmt::print(stderr, "{}", text); }

/// The accounts that the command line names; all where it names none.
Result<void> restrict_to(config::Config& config, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const auto known = std::any_of(config.accounts.begin(), config.accounts.end(), [&](const auto& a) { return a.name == name; });
    if (known) continue;
    std::vector<std::string> all;
    for (const auto& account : config.accounts) all.push_back(account.name);
    return fail(ErrorKind::configuration, fmt::format("there is no account '{}' in the configuration: there is {}", name, fmt::join(all, ", ")));
  }
  if (!names.empty())
    std::erase_if(config.accounts, [&](const auto& a) { return std::find(names.begin(), names.end(), a.name) == names.end(); });
  return ok();
}

Result<config::Config> read_config(const Options& options) {
  const auto environment = Environment::of_process();
  const auto missing = options.once && is_on_terminal() ? config::MissingSecret::ask : config::MissingSecret::error;
  auto loaded = config::load(options.config.value_or(environment.default_config_file()), environment, missing);
  std::string mistakes;
  for (const auto& error : loaded.errors) mistakes += (mistakes.empty() ? "" : "\n") + error.to_string();
  if (!loaded.good()) return fail(ErrorKind::configuration, mistakes);
  const auto restricted = restrict_to(loaded.config, options.login ? std::vector{*options.login} : options.accounts);
  MAILMIRROR_TRY(restricted);
  if (options.log_level) loaded.config.log_level = *options.log_level;
  return loaded.config;
}

/// Remembered in memory alone.
Result<void> ask_for_passwords(config::Config& config) {
  for (auto& account : config.accounts) {
    if (account.secret.kind != config::SecretSource::Kind::prompt) continue;
    auto password = ask_secretly(fmt::format("Password of {} at {} (account {}): ", account.user, account.host, account.name));
    MAILMIRROR_TRY(password);
    account.secret = {config::SecretSource::Kind::password, std::move(*password)};
  }
  return ok();
}

/// Each watched directory, connection and open folder takes a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int status_of(const Error& error) { return error.kind == ErrorKind::locked ? kLocked : kFailed; }

/// Runs `task` on the network thread until it ends or a signal stops it. Returns its exit status; `when_stopped` makes it of a signal.
int run_until_stopped(asio::io_context& network, Task<int> task, int (*when_stopped)(int signal)) {
  int status = kFailed;
  std::exception_ptr failure;
  auto main = [](Task<int> work, int& result) -> Task<void> { result = co_await std::move(work); };
  asio::cancellation_signal stop;
  const StopSignals signals(network, stop);
  asio::co_spawn(network, main(std::move(task), status), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown) {
                   failure = thrown;
                   network.stop();
                 }));
  network.run();
  if (!failure) return status;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (!is_cancellation(error)) throw;
    return when_stopped(signals.caught());
  }
}

int take_over(const Options& options) {
  const auto environment = Environment::of_process();
  const auto outcome = migration::run_import(
      {*options.import_from, options.import_file, options.config.value_or(environment.default_config_file()), options.dry_run}, environment);
  fmt::print("{}", outcome.report);
  say(outcome.errors);
  return outcome.status;
}

/// What set-up and check-up need: no configuration to begin with, and no log, which would only repeat what they say.
class Tool {
 public:
  template <class Start>
  int run(Start start, int (*when_stopped)(int signal)) {
    const imap::client::Environment environment{clock_, pool_, random_, connector_, null_log()};
    return run_until_stopped(network_, start(Environment::of_process(), environment), when_stopped);
  }

 private:
  asio::io_context network_{1};
  BlockingPool pool_{kStoreThreads};
  RealClock clock_;
  SecureRandom random_;
  imap::transport::TcpConnector connector_{pool_, clock_};
};

int leave(int status, const std::string& text) {
  std::fputs(text.c_str(), status == 0 ? stdout : stderr);
  return status;
}

/// `mailmirrord --init …`: what `mailmirror init` hands over.
int run_setup(const std::vector<std::string>& words) {
  const auto parsed = setup::parse_setup_options(words);
  if (const auto* instead = std::get_if<setup::Leave>(&parsed)) return leave(instead->status, instead->text);
  const auto start = [&](const Environment& machine, const imap::client::Environment& environment) {
    return setup::run_wizard(std::get<setup::SetupOptions>(parsed), machine, environment);
  };
  return Tool().run(start, [](int signal) {
    say("\nmailmirror: interrupted; what isn't told as written wasn't\n");
    return 128 + signal;
  });
}

/// `mailmirrord --doctor …`: what `mailmirror doctor` hands over.
int run_doctor(const std::vector<std::string>& words) {
  const auto parsed = doctor::parse_doctor_options(words);
  if (const auto* instead = std::get_if<doctor::Leave>(&parsed)) return leave(instead->status, instead->text);
  const auto start = [&](const Environment& machine, const imap::client::Environment& environment) {
    return doctor::run_doctor(std::get<doctor::DoctorOptions>(parsed), machine, environment);
  };
  return Tool().run(start, [](int signal) { return 128 + signal; });
}

int run(const Options& options) {
  if (options.import_from) return take_over(options);
  auto config = read_config(options);
  if (!config) {
    say(config.error().message + "\n");
    return kUsage;
  }
  if (options.check) {
    say(fmt::format("the configuration is good: {} account(s)\n", config->accounts.size()));
    return 0;
  }
  if (options.login && !options.log_level) config->log_level = "warn";
  const auto log = make_log(config->log_level);
  const auto asked = ask_for_passwords(*config);
  if (!asked) {
    say(asked.error().message + "\n");
    return kFailed;
  }
  if (!config->hooks.on_new_mail.empty() || !config->hooks.on_change.empty() || !config->hooks.on_error.empty())
    log->warn("[hooks] aren't run in this version; until they are, 'mailmirror watch --json' tells the same events");
  asio::io_context network(1);
  BlockingPool pool(kStoreThreads);
  RealClock clock;
  SecureRandom random;
  store::RealDisk disk;
  imap::transport::TcpConnector connector(pool, clock);
  const sync::Surroundings surroundings{disk, pool, clock, random};
  const imap::client::Environment environment{clock, pool, random, connector, log};
  if (options.login)
    return run_until_stopped(network, run_login(config->accounts.front(), config->state_dir, options.way, environment),
                             [](int signal) { return 128 + signal; });
  if (options.once) return run_until_stopped(network, run_once(*config, environment, surroundings, log), [](int signal) { return 128 + signal; });
  auto source = [options] { return read_config(options); };
  Daemon daemon(*config, source, environment, surroundings, log, network.get_executor());
  auto serve = [](Daemon& running, Log& sink) -> Task<int> {
    const auto ended = co_await running.run();
    if (ended) co_return 0;
    sink.error("{}", ended.error().message);
    co_return status_of(ended.error());
  };
  // Being stopped is a daemon's ordinary end.
  return run_until_stopped(network, serve(daemon, *log), [](int) { return 0; });
}

template <class Input>
int run_guarded(int (*run_it)(const Input&), const Input& input) {
  try {
    return run_it(input);
  } catch (const std::exception& error) {
    say(std::string("mailmirrord: unexpected: ") + error.what() + "\n");
    return kFailed;
  }
}

}  // namespace
}  // namespace mailmirror::daemon

int main(int argc, char** argv) {
  using namespace mailmirror::daemon;
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  raise_descriptor_limit();
  const std::string_view tool = argc > 1 ? argv[1] : "";
  if (tool == "--init") return run_guarded(run_setup, std::vector<std::string>(argv + 2, argv + argc));
  if (tool == "--doctor") return run_guarded(run_doctor, std::vector<std::string>(argv + 2, argv + argc));
  const auto parsed = parse_options(argc, argv);
  if (const auto* leave = std::get_if<Leave>(&parsed)) {
    std::fputs(leave->text.c_str(), leave->status == 0 ? stdout : stderr);
    return leave->status;
  }
  return run_guarded(run, std::get<Options>(parsed));
}
