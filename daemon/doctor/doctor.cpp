#include "daemon/doctor/doctor.hpp"

#include "daemon/config/load.hpp"
#include "daemon/doctor/account_checks.hpp"
#include "daemon/doctor/machine_checks.hpp"
#include "daemon/doctor/report.hpp"
#include "daemon/doctor/server_checks.hpp"

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace mailmirror::daemon::doctor {
namespace {

namespace po = boost::program_options;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

constexpr std::string_view kHelp =
    "mailmirror doctor checks the whole set-up (configuration, permissions, server, login, disk) and says what mends it.\n\n"
    "Usage: mailmirror doctor [ACCOUNT] [--json] [--config FILE]\n\n"
    "Exit status: 0 nothing failed; 1 something did; 2 usage.\n";

Findings join(Findings all, Findings more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

Findings check_machine(const std::filesystem::path& file, const config::Loaded& loaded) {
  auto findings = check_configuration(file, loaded);
  if (loaded.good()) {
    findings = join(std::move(findings), check_permissions(file, loaded.config));
    findings.push_back(check_daemon(loaded.config));
    findings.push_back(check_watches(loaded.config));
  }
  findings.push_back(check_clock());
  return findings;
}

Findings check_account(const config::Account& account, const config::Config& config) {
  Findings findings{check_maildir(account)};
  findings = join(std::move(findings), check_disks(account, config.state_dir));
  findings.push_back(check_file_system(account));
  findings.push_back(check_lock(account, config.state_dir, is_mirrored_at(config.socket, account.name)));
  return findings;
}

Colour colour_of(const mailmirror::Environment& machine) {
  const bool wanted = ::isatty(STDOUT_FILENO) == 1 && !machine.get("NO_COLOR") && machine.get("TERM").value_or("dumb") != "dumb";
  return wanted ? Colour::yes : Colour::no;
}

}  // namespace

std::variant<DoctorOptions, Leave> parse_doctor_options(const std::vector<std::string>& words) {
  po::options_description options;
  options.add_options()("json", "")("help", "")("config", po::value<std::string>())("account",
                                                                                    po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("account", -1);
  const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  const auto wrong = [](const std::string& what) {
    return Leave{kUsage, fmt::format("mailmirror: {}. 'mailmirror doctor --help' tells the usage\n", what)};
  };
  try {
    po::variables_map given;
    po::store(po::command_line_parser(words).options(options).positional(positional).style(style).run(), given);
    po::notify(given);
    if (given.count("help") > 0) return Leave{0, std::string(kHelp)};
    DoctorOptions result;
    result.json = given.count("json") > 0;
    if (given.count("config") > 0) result.config = given["config"].as<std::string>();
    if (given.count("account") == 0) return result;
    const auto accounts = given["account"].as<std::vector<std::string>>();
    if (accounts.size() > 1) return wrong("doctor takes one account, or none to mean all");
    result.account = accounts.front();
    return result;
  } catch (const po::error& error) {
    return wrong(error.what());
  }
}

Task<int> run_doctor(DoctorOptions options, mailmirror::Environment machine, imap::client::Environment environment) {
  const auto file = std::filesystem::absolute(options.config.value_or(machine.default_config_file()));
  auto read = [&] { return config::load(file, machine); };
  auto loaded = co_await environment.pool.run(read);
  auto& accounts = loaded.config.accounts;
  if (loaded.good() && options.account) {
    std::erase_if(accounts, [&](const auto& account) { return account.name != *options.account; });
    if (accounts.empty()) {
      fmt::print(stderr, "mailmirror: there is no account '{}' in {}\n", *options.account, file.string());
      co_return kUsage;
    }
  }
  auto look = [&] { return check_machine(file, loaded); };
  auto findings = co_await environment.pool.run(look);
  if (loaded.good()) {
    for (const auto& account : accounts) {
      auto look_at_account = [&] { return check_account(account, loaded.config); };
      auto here = co_await environment.pool.run(look_at_account);
      findings = join(std::move(findings), std::move(here));
      auto there = co_await check_server(account, loaded.config.state_dir, environment);
      findings = join(std::move(findings), std::move(there));
    }
  }
  fmt::print("{}", options.json ? render_json(findings) : render(findings, colour_of(machine)));
  co_return is_well(findings) ? 0 : kFailed;
}

}  // namespace mailmirror::daemon::doctor
