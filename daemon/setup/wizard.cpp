#include "daemon/setup/wizard.hpp"

#include "daemon/account/account_options.hpp"
#include "daemon/config/loopback.hpp"
#include "daemon/config/secret.hpp"
#include "daemon/setup/console.hpp"
#include "daemon/setup/dialogue.hpp"
#include "daemon/setup/finish.hpp"
#include "daemon/setup/look_around.hpp"
#include "daemon/setup/network_sources.hpp"
#include "daemon/setup/place_config.hpp"
#include "daemon/setup/providers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>
#include <utility>

namespace mailmirror::daemon::setup {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
/// More wrong passwords than this lock people out.
constexpr int kMostLogins = 5;

/// What ends the wizard: an exit status, and words for stderr.
struct Stop {
  int status = kFailed;
  std::string words;
};

/// "imap.example.org, port 993, TLS from the start".
template <class Server>
std::string server_in_words(const Server& server) {
  return fmt::format("{}, port {}, {}", server.host, server.port, to_words(server.tls));
}

/// "sha256:…" in the words about a certificate that wasn't trusted.
std::string fingerprint_in(const Error& error) {
  const auto at = error.message.find("sha256:");
  return error.kind == ErrorKind::certificate && at != std::string::npos ? error.message.substr(at, 7 + 64) : "";
}

class Wizard {
 public:
  Wizard(SetupOptions options, mailmirror::Environment machine, imap::client::Environment environment,
         asio::any_io_executor executor)
      : options_(std::move(options)),
        machine_(std::move(machine)),
        environment_(std::move(environment)),
        console_(executor, options_.json ? stderr : stdout) {
    config_file_ = std::filesystem::absolute(options_.config.value_or(machine_.default_config_file())).lexically_normal();
  }

  Task<int> run() {
    const auto stop = co_await set_up();
    if (!stop) co_return kDone;
    if (!stop->words.empty()) console_.complain("mailmirror: " + stop->words);
    co_return stop->status;
  }

 private:
  using Ended = std::optional<Stop>;

  Task<Ended> set_up() {
    const auto address = parse_address(options_.address);
    if (!address) co_return Stop{kUsage, address.error().message};
    if (!options_.yes && !console_.is_interactive())
      co_return Stop{
          kUsage, "there is no terminal to ask on: with --yes it takes what it finds and every default, and options tell the rest"};
    auto existing = [this] { return accounts_in(config_file_, machine_); };
    auto taken = co_await environment_.pool.run(existing);
    if (!taken) co_return Stop{kUsage, taken.error().message};
    auto found = co_await find_servers(*address);
    if (!found) co_return Stop{kFailed, found.error().message};
    Setting setting;
    setting.taken_accounts = std::move(*taken);
    setting.config_folder = config_file_.parent_path();
    setting.exists = [](const std::filesystem::path& path) {
      std::error_code ignored;
      return std::filesystem::exists(path, ignored);
    };
    auto dialogue = Dialogue::begin(*address, options_, std::move(*found), std::move(setting));
    if (!dialogue) co_return Stop{kUsage, dialogue.error().message};
    auto ended = co_await ask(*dialogue);
    if (ended) co_return ended;
    co_return co_await try_and_write(*dialogue);
  }

  // Finding.

  Task<Result<std::vector<Offer>>> find_servers(MailAddress address) {
    if (options_.host) co_return std::vector<Offer>{};
    if (const auto none = why_no_imap(address); !none.empty()) co_return fail(ErrorKind::unsupported, none);
    const auto sources = NetworkSources::make(machine_, options_.ca_file, environment_.pool, environment_.clock);
    MAILMIRROR_CO_TRY(sources);
    console_.say(fmt::format("Looking for the mail server of {} …", address.text()));
    auto found = co_await discover(address, **sources);
    for (const auto& asked : found.asked) console_.say_wrapped(fmt::format("{}: {}", asked.whom, asked.answer), 2);
    for (std::size_t n = 0; n < found.offers.size(); ++n) show(found.offers[n], found.offers.size() == 1 ? 0 : n + 1);
    if (found.offers.empty()) console_.say("Nobody tells which server it is.");
    if (found.offers.empty() && options_.yes)
      co_return fail(ErrorKind::missing, fmt::format("no server was found for {}: name it by --host", address.text()));
    co_return std::move(found.offers);
  }

  /// Before this no password goes there.
  template <class Server>
  void show(const Server& server, std::size_t number = 0) {
    const auto words = server_in_words(server);
    if (!shown_.insert(words + server.user).second) return;
    const auto mark = number == 0 ? std::string("  ") : fmt::format("{} ", number);
    console_.say(fmt::format("\n{}server   {}", mark, words));
    console_.say(fmt::format("  user     {}", server.user));
    console_.say_wrapped(fmt::format("told by  {}", server.source), 2);
    if (!server.note.empty()) console_.say_wrapped(server.note, 2);
    console_.say("");
  }

  // Asking.

  Task<Ended> ask(Dialogue& dialogue) {
    if (options_.yes) {
      const auto answered = dialogue.answer_all_by_presets();
      if (!answered) co_return Stop{kUsage, answered.error().message};
    }
    while (const auto question = dialogue.question()) {
      if (question->step > Step::user) show(dialogue.answers());
      for (const auto& line : question->lines) console_.say(line);
      const auto preset = question->preset.empty() ? std::string() : fmt::format(" [{}]", question->preset);
      auto prompt = fmt::format("{}{}:", question->prompt, preset);
      auto text = co_await console_.ask(std::move(prompt), question->echo == Echo::yes);
      if (!text) co_return Stop{kFailed, text.error().message};
      const auto taken = dialogue.answer(*text);
      if (!taken) console_.say("  " + taken.error().message);
    }
    show(dialogue.answers());
    const auto& answers = dialogue.answers();
    if (answers.sign_in == SignIn::oauth2 && answers.provider.empty() && answers.issuer.empty())
      co_return Stop{
          kUsage,
          fmt::format(
              "it isn't known who signs you in at {}: write the section [account.{}.oauth2] by hand, or use --token-command",
              answers.host, answers.account)};
    co_return std::nullopt;
  }

  Task<bool> confirms(std::string_view question, bool preset) {
    if (options_.yes || !console_.is_interactive()) co_return preset;
    while (true) {
      auto prompt = fmt::format("{} (yes or no) [{}]:", question, preset ? "yes" : "no");
      auto text = co_await console_.ask(std::move(prompt), true);
      if (!text) co_return false;
      const auto word = lower(*text);
      if (word.empty()) co_return preset;
      if (word == "y" || word == "yes") co_return true;
      if (word == "n" || word == "no") co_return false;
    }
  }

  // Trying.

  Task<Ended> try_and_write(Dialogue& dialogue) {
    for (int logins = 1;; ++logins) {
      const auto account = co_await checked(dialogue.answers());
      if (!account) co_return Stop{kUsage, account.error().message};
      if (options_.no_login || dialogue.answers().sign_in == SignIn::oauth2) break;
      const auto problem = co_await try_login(dialogue.answers(), *account);
      if (!problem) break;
      console_.complain("mailmirror: " + problem->message);
      if (options_.yes || logins == kMostLogins)
        co_return Stop{kFailed, "nothing was written; --no-login writes a configuration that wasn't tried"};
      auto ended = co_await mend(dialogue, *problem);
      if (ended) co_return ended;
    }
    co_return co_await write(dialogue.answers());
  }

  Task<Result<config::Account>> checked(const Answers& answers) {
    const auto place = place_for(config_file_, answers.account);
    const auto text = config_text(answers, place.part);
    auto check = [&] { return check_text(place, text, answers.account, machine_); };
    auto account = co_await environment_.pool.run(check);
    co_return std::move(account);
  }

  /// nullopt: it worked.
  Task<std::optional<Error>> try_login(const Answers& answers, const config::Account& account) {
    std::string secret = answers.password;
    if (secret.empty()) {
      auto obtain = [&] { return config::obtain_secret(account.secret); };
      auto obtained = co_await environment_.pool.run(obtain);
      if (!obtained) co_return obtained.error();
      secret = std::move(*obtained);
    }
    console_.say(fmt::format("Logging in to {} …", answers.host));
    auto options = session_options(account);
    options.login.secret = std::move(secret);
    auto sight = co_await look_around(environment_, std::move(options));
    if (!sight) co_return sight.error();
    console_.say(fmt::format("  it works: {}", to_words(*sight)));
    seen_ = *sight;
    if (const auto warning = about_room(account.maildir, *sight); !warning.empty()) console_.say_wrapped(warning, 2);
    co_return std::nullopt;
  }

  /// What the user can do about it: another password, trust in a certificate on this machine, another server.
  Task<Ended> mend(Dialogue& dialogue, const Error& problem) {
    const auto fingerprint = fingerprint_in(problem);
    if (problem.kind == ErrorKind::authentication) {
      dialogue.ask_login_again();
    } else if (!fingerprint.empty() && config::is_loopback(dialogue.answers().host)) {
      const bool trusts = co_await confirms("That server is on this machine. Trust just this certificate of it?", true);
      if (!trusts) co_return Stop{kFailed, "nothing was written"};
      dialogue.pin(fingerprint);
    } else {
      const bool other = co_await confirms("Try another server?", true);
      if (!other) co_return Stop{kFailed, "nothing was written"};
      dialogue.ask_server_again();
    }
    co_return co_await ask(dialogue);
  }

  // Writing.

  Task<Ended> write(const Answers& answers) {
    const auto place = place_for(config_file_, answers.account);
    const auto text = config_text(answers, place.part);
    const bool keeps = answers.sign_in == SignIn::password && answers.keeping == Keeping::file;
    const auto secret_file = keeps ? std::filesystem::path(answers.secret_place) : std::filesystem::path();
    auto put = [&] { return put_in_place(place, text, secret_file, answers.password); };
    const auto written = co_await environment_.pool.run(put);
    if (!written) co_return Stop{kFailed, written.error().message};
    console_.say(fmt::format("Written: {}", place.target.string()));
    if (keeps) console_.say(fmt::format("         {} (the password, for your eyes only)", secret_file.string()));
    auto ended = co_await go_on(answers);
    if (options_.json) tell_in_json(answers, place);
    co_return ended;
  }

  void tell_in_json(const Answers& answers, const Place& place) {
    nlohmann::json document{{"account", answers.account}, {"config", place.target.string()}, {"host", answers.host},
                            {"port", answers.port},       {"tls", to_setting(answers.tls)},  {"user", answers.user},
                            {"maildir", answers.maildir}, {"source", answers.source}};
    if (seen_) document["mailboxes"] = seen_->mailboxes.size();
    if (seen_) document["messages"] = seen_->messages;
    if (seen_ && seen_->bytes) document["bytes"] = *seen_->bytes;
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  /// Sign-in, service, and what the user does next. The configuration stands, whatever becomes of these.
  Task<Ended> go_on(const Answers& answers) {
    const auto named = options_.config ? fmt::format(" --config {}", options_.config->string()) : std::string();
    bool signed_in = true;
    if (answers.sign_in == SignIn::oauth2) {
      signed_in = false;
      if (!options_.no_login && console_.is_interactive()) signed_in = co_await sign_in(answers.account);
      if (!signed_in) console_.say(fmt::format("Sign in by: mailmirror{} login {}", named, answers.account));
    }
    auto reload = [this] { return reload_running_daemon(config_file_, machine_); };
    const bool running = co_await environment_.pool.run(reload);
    if (running) {
      console_.say("The running mailmirrord took the account over: 'mailmirror status' shows it.");
      co_return std::nullopt;
    }
    if (!options_.config) {
      const bool started = co_await offer_service();
      if (started) co_return std::nullopt;
    }
    console_.say(fmt::format("Start mirroring by: mailmirrord{}", named));
    co_return std::nullopt;
  }

  Task<bool> sign_in(std::string account) {
    auto run = [&] { return run_sign_in(config_file_, account); };
    const int status = co_await environment_.pool.run(run);
    co_return status == 0;
  }

  Task<bool> offer_service() {
    if (options_.service == false) co_return false;
    auto look = [] { return look_at_user_service(); };
    const auto state = co_await environment_.pool.run(look);
    if (state != ServiceState::ready) {
      if (options_.service == true || state == ServiceState::no_unit)
        console_.say(state == ServiceState::no_unit ? "There is no mailmirrord.service for 'systemctl --user' to start."
                                                    : "No 'systemctl --user' answers here, so no service was started.");
      co_return false;
    }
    bool wanted = options_.service == true;
    if (!wanted && !options_.yes) wanted = co_await confirms("Start mailmirrord now, and whenever you log in?", true);
    if (!wanted) co_return false;
    auto start = [] { return start_user_service(); };
    const auto started = co_await environment_.pool.run(start);
    console_.say(started ? "mailmirrord runs: 'mailmirror status' shows what it does." : started.error().message);
    co_return bool(started);
  }

  SetupOptions options_;
  mailmirror::Environment machine_;
  imap::client::Environment environment_;
  Console console_;
  std::filesystem::path config_file_;
  std::set<std::string> shown_;
  std::optional<Sight> seen_;
};

}  // namespace

Task<int> run_wizard(SetupOptions options, mailmirror::Environment machine, imap::client::Environment environment) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Wizard wizard(std::move(options), std::move(machine), std::move(environment), executor);
  const int status = co_await wizard.run();
  co_return status;
}

}  // namespace mailmirror::daemon::setup
